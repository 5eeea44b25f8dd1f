#!/bin/sh
# Office machines over SSH: starts the scheduler here and workers there, and ends them all with Ctrl-C.
#   TLS=~/cluster-tls sh packaging/cluster/office.sh HERE MACHINE...
# HERE is this machine's name as the others see it. Each MACHINE is reached with ssh without a password, sees
# the same files under the same names, this folder and TLS among them, and has scanner[cluster] in its PATH.
set -eu
here=$1
shift
folder=$(cd "$(dirname "$0")" && pwd)
sh "$folder/scheduler.sh" &
started=$!
for machine; do
    # -tt: the worker ends with the connection.
    ssh -tt ${SSH_OPTIONS:-} "$machine" \
        "TLS='$TLS' THREADS='${THREADS:-}' sh '$folder/worker.sh' tls://$here:${PORT:-8786}" </dev/null &
    started="$started $!"
done
# shellcheck disable=SC2086
trap 'kill $started 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM
wait
