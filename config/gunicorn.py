"""How gunicorn serves the application: one process with threads, and with the worker inside it.

`manage.py up` and docker-compose start gunicorn with this file. Several processes only make sense
with a worker of its own (Redis); then WEB_CONCURRENCY says how many.
"""

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from config.worker import EmbeddedWorker

bind = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT') or 8000}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or 1)
threads = int(os.environ.get("WEB_THREADS") or 8)
timeout = 60
graceful_timeout = 30
keepalive = 5
# No control socket: nothing may write outside VAR_DIR, and nothing here is managed at run time.
control_socket_disable = True
# Heartbeat files in memory: a slow disk must not look like a dead process.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
accesslog = os.environ.get("ACCESS_LOG") or None
errorlog = "-"
loglevel = "warning"

_embedded: "list[EmbeddedWorker]" = []


def post_worker_init(worker: Any) -> None:
    """Start the embedded worker, where the settings ask for one, once the application is loaded."""
    from django.conf import settings

    if settings.EMBEDDED_WORKER:
        from config.worker import start_embedded

        _embedded.append(start_embedded())


def worker_exit(server: Any, worker: Any) -> None:
    """Let the running job finish before the process ends; what does not finish is done again."""
    for embedded in _embedded:
        embedded.stop()
