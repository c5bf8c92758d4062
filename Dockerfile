# One image for the workers and for every other command of `python -m app`.
FROM python:3.12-slim AS build
WORKDIR /orderlane
RUN python -m pip install --no-cache-dir uv==0.13.9
COPY pyproject.toml constraints.txt ./
# The dependencies alone, so that a change of the code keeps this layer.
RUN uv venv /opt/venv && uv pip install --no-cache --python /opt/venv/bin/python -c constraints.txt -r pyproject.toml

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /data orderlane && install -d -o orderlane /data
COPY --from=build /opt/venv /opt/venv
WORKDIR /orderlane
COPY app app
COPY agents agents
COPY tables tables
COPY deploy/worker.sh deploy/worker.sh
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    WEB_HOST=0.0.0.0 \
    WEB_PORT=6066
# /data holds RocksDB: a volume saves the recovery from Kafka after a restart, and nothing else depends on it.
VOLUME /data
USER 10001
EXPOSE 6066
# Alive, not ready: a worker that recovers its tables must not be replaced for it. A slim image has no curl.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:6066/livez', timeout=2)"]
CMD ["deploy/worker.sh"]
