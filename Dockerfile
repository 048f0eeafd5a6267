# The application as an image: web, worker, beat and migrate of docker-compose.yml all start from it.
FROM python:3.11.13-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONUTF8=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    BIND=0.0.0.0:8000 \
    VAR_DIR=/var/lib/giaouoc \
    STATIC_ROOT=/app/static-root

# What WeasyPrint loads at run time, nothing to compile with. The release fixes the versions.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
       libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation2 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --user-group --uid 10001 --home-dir /app --shell /usr/sbin/nologin giaouoc \
    && install -d -o giaouoc -g giaouoc -m 0750 /var/lib/giaouoc

WORKDIR /app
COPY requirements.txt ./
RUN pip install -r requirements.txt

COPY . .
# Without a public host in its environment this needs no secret; what it writes elsewhere is dropped.
RUN VAR_DIR=/tmp/build python manage.py collectstatic --noinput --verbosity 0 && rm -rf /tmp/build

USER 10001
VOLUME /var/lib/giaouoc
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=4 \
    CMD ["python", "deploy/healthcheck.py", "web"]
CMD ["gunicorn", "--config", "config/gunicorn.py", "config.wsgi"]
