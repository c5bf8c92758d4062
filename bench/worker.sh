#!/usr/bin/env bash
# One worker, told BOOTSTRAP and STATE_DIR by the environment, until SIGTERM. It decides order commands and does nothing
# else, as the workers do that it is compared with; AGENTS= (empty) makes it run everything.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
export KAFKA_URL=${BOOTSTRAP:?host:port of a broker} DATA_DIR=${STATE_DIR:?a folder} WORKER_ID=${WORKER_ID:-bench}
export WEB_PORT=${WEB_PORT:-6766} STANDBY_REPLICAS=${STANDBY_REPLICAS:-0} LOG_LEVEL=${LOG_LEVEL:-warning}
export AGENTS=${AGENTS-decide-orders}
exec "${ORDERLANE_PYTHON:-$here/.venv/bin/python}" -m app worker
