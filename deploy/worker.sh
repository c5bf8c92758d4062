#!/bin/sh
# Run a worker as the first of worker-1, worker-2, ... that no other replica on this host is.
#
# Replicas of one service differ in nothing that outlives them, but a worker wants a name that does: it keeps its
# partitions over a restart (static membership) and finds its tables again. So each takes a name by locking its file
# in the volume they share; the kernel lets go of the lock when the process ends, however it ends.
# On several hosts, where a volume is not shared, give each worker its WORKER_ID (a StatefulSet's pod name).
set -eu
data=${DATA_VOLUME:-/data}
for number in $(seq "${MOST_WORKERS:-64}"); do
    exec 9>"$data/worker-$number.lock"
    if flock --nonblock 9; then
        export WORKER_ID="worker-$number" DATA_DIR="$data/worker-$number"
        exec python -m app worker # it inherits the lock
    fi
done
echo "all of worker-1 to worker-${MOST_WORKERS:-64} are running" >&2
exit 1
