"""docker-compose.yml and the Dockerfile keep the promises of a production installation."""

import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ["web", "worker", "beat", "migrate"]


def test_every_part_of_the_installation_is_there():
    assert set(SERVICES) == {"proxy", "web", "worker", "beat", "migrate", "db", "redis"}


@pytest.mark.parametrize("name", SERVICES)
def test_service_is_hardened(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileged")
    assert set(service.get("cap_add", [])) <= ({"NET_BIND_SERVICE"} if name == "proxy" else set())


@pytest.mark.parametrize("name", SERVICES)
def test_image_is_pinned_to_a_version(name):
    tag = SERVICES[name]["image"].partition(":")[2]
    assert re.match(r"\d", tag), "an image without a version changes by itself"


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_running_service_has_a_health_check(name):
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


def test_only_the_proxy_is_reached_from_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    networks = COMPOSE["networks"]
    assert networks["back"]["internal"] is True
    assert networks["front"]["internal"] is True
    for name in ("db", "redis", "worker", "beat"):
        assert SERVICES[name]["networks"] == ["back"]


def test_pages_wait_for_the_migration_and_for_both_stores():
    conditions = {key: value["condition"] for key, value in SERVICES["web"]["depends_on"].items()}
    assert conditions == {
        "migrate": "service_completed_successfully",
        "db": "service_healthy",
        "redis": "service_healthy",
    }
    assert SERVICES["migrate"]["restart"] == "no"


@pytest.mark.parametrize("name", ["SECRET_KEY", "POSTGRES_PASSWORD", "SITE_HOST"])
def test_compose_refuses_to_start_without_the_users_own(name):
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert re.search(rf"\$\{{{name}:\?[^}}]+\.env[^}}]*\}}", text), (
        "compose must stop with a sentence"
    )
    assert f"\n{name}=\n" in (ROOT / ".env.example").read_text(encoding="utf-8")


def test_every_variable_of_compose_is_described_in_the_example():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    described = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    assert set(re.findall(r"\$\{([A-Z_]+)", text)) == described


@pytest.mark.parametrize("name", OURS)
def test_environment_has_only_names_the_application_reads(name):
    source = "".join(
        (ROOT / "config" / file).read_text(encoding="utf-8")
        for file in ("settings.py", "gunicorn.py")
    )
    for variable in SERVICES[name]["environment"]:
        assert re.search(rf"""["']{variable}["']""", source), f"nothing reads {variable}"


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_command_starts_something_that_exists(name):
    command = SERVICES[name]["command"]
    program = importlib.import_module(command[0])
    assert program is not None
    if command[0] == "gunicorn":
        assert (ROOT / command[command.index("--config") + 1]).is_file()
        assert importlib.import_module(command[-1]).application is not None
    else:
        app = command[1].removeprefix("--app=")
        assert importlib.import_module(app).celery_app.main == "giaouoc"


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_health_check_of_ours_is_one_the_script_knows(name):
    script, mode = SERVICES[name]["healthcheck"]["test"][2:]
    assert f'"{mode}": {mode}' in (ROOT / script).read_text(encoding="utf-8")


def test_worker_answers_under_the_name_the_health_check_asks_for():
    script = (ROOT / "deploy" / "healthcheck.py").read_text(encoding="utf-8")
    (host,) = [part for part in SERVICES["worker"]["command"] if part.startswith("--hostname=")]
    assert host.removeprefix("--hostname=") in script


def test_image_runs_without_privileges_and_without_a_compiler():
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    instructions = [line.split()[0] for line in lines if re.match(r"[A-Z]+ ", line)]
    assert [line for line in lines if line.startswith("USER")] == ["USER 10001"]
    assert instructions.index("USER") < instructions.index("CMD")
    assert "HEALTHCHECK" in instructions
    assert not re.search(r"gcc|build-essential|-dev\b", "\n".join(lines))


@pytest.mark.parametrize("secret", [".env", ".git", "var", ".venv"])
def test_secrets_and_data_stay_out_of_the_image(secret):
    assert secret in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def test_compose_file_follows_the_published_schema():
    checker = Path(sys.executable).parent / "check-jsonschema"
    if not checker.exists():
        pytest.skip("check-jsonschema is not installed: pip install -r requirements-dev.txt")
    command = [str(checker), "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_dockerfile_has_no_finding():
    checker = shutil.which("hadolint", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if checker is None:
        pytest.skip("hadolint is not installed: pip install -r requirements-dev.txt")
    done = subprocess.run(
        [checker, ROOT / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
