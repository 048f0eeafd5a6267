"""The services of a test run: they start, they are this run's own, and nothing of them stays."""

import os
import socket
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import psycopg2
import pytest
import redis
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection

from config.celery import app
from config.tests import services

ROOT = Path(__file__).resolve().parent.parent.parent


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def started(make: AbstractContextManager[services.Service]) -> services.Service:
    """Enter a service, or skip with the reason as the fixtures do."""
    try:
        return make.__enter__()
    except services.Missing as fault:
        if os.environ.get("REQUIRE_SERVICES") == "1":
            pytest.fail(str(fault))
        pytest.skip(str(fault))


@pytest.mark.slow
def test_postgres_answers_and_is_gone_afterwards():
    server = services.postgres()
    service = started(server)
    try:
        with psycopg2.connect(service.url) as database, database.cursor() as cursor:
            cursor.execute("SHOW server_encoding")
            assert cursor.fetchone() == ("UTF8",)
        database.close()
        folder = service.log.parent
    finally:
        server.__exit__(None, None, None)
    assert not listens(service.port)
    assert not folder.exists()
    assert service.port < 32768


def test_redis_answers_and_is_gone_afterwards():
    server = services.redis_server()
    service = started(server)
    try:
        with redis.Redis(port=service.port) as client:
            assert client.ping()
    finally:
        server.__exit__(None, None, None)
    assert not listens(service.port)


def test_killed_redis_frees_its_port_and_can_come_back_empty_on_it(own_redis):
    with redis.Redis(port=own_redis.port) as client:
        client.set("a", 1)
    own_redis.kill()
    assert own_redis.process.returncode == -9
    assert not listens(own_redis.port)
    server = services.redis_server(own_redis.port)
    again = started(server)
    try:
        with redis.Redis(port=again.port) as client:
            assert client.get("a") is None
    finally:
        server.__exit__(None, None, None)


def test_service_that_does_not_start_says_why(tmp_path, monkeypatch):
    broken = tmp_path / "redis-server"
    broken.write_text("#!/bin/sh\necho no memory left; exit 1\n", encoding="ascii")
    broken.chmod(0o755)
    tmp_path.chmod(0o755)
    monkeypatch.setattr("config.tests.services.shutil.which", lambda name: str(broken))
    monkeypatch.setattr(services, "_unprivileged", lambda: None)
    with pytest.raises(services.Missing, match="no memory left"), services.redis_server():
        pass


def test_absent_service_names_the_package_to_install(monkeypatch):
    monkeypatch.setattr("config.tests.services.shutil.which", lambda name: None)
    with pytest.raises(services.Missing, match=r"apt-get install .* redis-server"):
        services.redis_server().__enter__()


def test_command_runs_with_both_services_and_its_status_is_passed_on():
    command = (
        "import os,sys; sys.exit(7 if os.environ['DATABASE_URL'].startswith('postgresql') and "
    )
    command += "os.environ['CELERY_BROKER_URL'].startswith('redis') else 1)"
    done = subprocess.run(
        [ROOT / "script" / "with_services", sys.executable, "-c", command],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == services.MISSING and os.environ.get("REQUIRE_SERVICES") != "1":
        pytest.skip(done.stderr)
    assert done.returncode == 7, done.stderr


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("example.org", 443), ("2001:db8::1", 80)])
def test_no_test_can_reach_another_machine(address):
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as way_out, pytest.raises(RuntimeError, match="only this machine"):
        way_out.connect(address)


def test_tests_write_into_a_folder_of_their_own():
    assert ROOT not in settings.VAR_DIR.parents
    assert settings.FILES_DIR.is_relative_to(settings.VAR_DIR)
    assert settings.STATIC_ROOT.is_relative_to(settings.VAR_DIR)
    assert staticfiles_storage.url("css/app.css") == "/static/css/app.css"


def test_each_process_of_the_run_has_a_broker_of_its_own(monkeypatch):
    assert app.conf.broker_url == settings.CELERY_BROKER_URL
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    if settings.CELERY_BROKER_URL.startswith("redis:"):
        assert settings.CELERY_BROKER_URL.endswith(f"/{worker}")


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_second_part_of_the_run_is_on_postgresql():
    with connection.cursor() as cursor:
        cursor.execute("SHOW fsync")
        assert cursor.fetchone() == ("off",), "only a server of the test run may be used"


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.slow
def test_real_worker_starts_and_answers_through_redis(celery_worker_process):
    with celery_worker_process() as worker:
        assert app.control.ping(timeout=5)
        worker.kill()
        assert worker.process.returncode == -9


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_browser_opens_the_application_in_vietnamese(page):
    page.goto("/dang-nhap/")
    assert page.locator("html").get_attribute("lang") == "vi"
    assert page.evaluate("new Date(2026, 0, 1).getTimezoneOffset()") == -7 * 60
