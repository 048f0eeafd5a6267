"""`manage.py up` brings an empty folder to the running application, and says what is in the way."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from config.tests import services

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def environment(tmp_path):
    """An empty installation, in a folder whose name has a space and Vietnamese letters."""
    var = tmp_path / "dữ liệu"
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "VAR_DIR": str(var), "PORT": str(services.free_port()), "PYTHONUTF8": "1"}


def up(environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "up", *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )


def answer(port: str, path: str) -> tuple[int, str]:
    """Ask the server until it listens."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not listen")


def test_port_in_use_is_said_before_anything_is_touched(environment):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = up({**environment, "PORT": port})
    assert done.returncode == 1
    assert f"Không mở được cổng {port}: chương trình khác đang dùng" in done.stderr
    assert f"PORT={int(port) + 10} script/server" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (Path(environment["VAR_DIR"]) / "giaouoc.sqlite3").exists()


@pytest.mark.slow
def test_empty_installation_is_prepared_once(environment):
    var = Path(environment["VAR_DIR"])
    done = up(environment, "--no-serve", "--no-demo")
    assert done.returncode == 0, done.stderr
    assert (var / "giaouoc.sqlite3").is_file()
    collected = var / "static" / ".fingerprint"
    first = collected.stat().st_mtime_ns
    (var / "static" / "marker").touch()
    again = up(environment, "--no-serve", "--no-demo")
    assert again.returncode == 0, again.stderr
    assert collected.stat().st_mtime_ns == first, "nothing changed, nothing is collected again"


@pytest.mark.slow
def test_serves_on_this_machine_and_ends_when_asked(environment):
    assert up(environment, "--no-serve", "--no-demo").returncode == 0
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up", "--no-demo"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        status, page = answer(environment["PORT"], "/dang-nhap/")
        assert status == 200
        stylesheet = re.search(r'href="(/static/[^"]+\.css)"', page)
        assert stylesheet, "the page names its stylesheet"
        assert answer(environment["PORT"], stylesheet[1])[0] == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        services._end(process, signal.SIGKILL)
    assert process.stdout is not None
    said = process.stdout.read().decode()
    process.stdout.close()
    assert f"http://127.0.0.1:{environment['PORT']}/" in said
    assert "Traceback" not in said


@pytest.mark.slow
@pytest.mark.pdf
def test_demonstration_ends_in_a_signed_pledge_one_can_open(environment):
    done = up(environment, "--no-serve")
    assert done.returncode == 0, done.stdout + done.stderr
    copy = re.search(r"PDF: +(.+\.pdf) \((\d+) trang\)", done.stdout)
    assert copy, done.stdout
    assert Path(copy[1]).read_bytes().startswith(b"%PDF-")
    assert int(copy[2]) >= 1
    assert re.search(r"SHA-256: +[0-9a-f]{64}\n", done.stdout)
    assert re.search(r"Xác minh: +http://127\.0\.0\.1:\d+/xac-minh/[0-9A-Z-]+/", done.stdout)
    assert "canbo.haiphong, lanhdao.haiphong, thuongtruc.bca" in done.stdout
    again = up(environment, "--no-serve")
    assert again.returncode == 0
    assert "Nạp dữ liệu" not in again.stdout
