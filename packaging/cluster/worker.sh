#!/bin/sh
# The workers of one machine: a thread a processor, each with a process of its own that reads.
#   TLS=~/cluster-tls sh packaging/cluster/worker.sh tls://HOST:8786
# --memory-limit 0: Dask would measure the thread's process alone; the reading ones have limits of their own.
set -eu
exec dask worker "$1" --protocol tls --nworkers 1 --nthreads "${THREADS:-$(nproc)}" --memory-limit 0 \
    ${HOST:+--host "$HOST"} --no-dashboard --local-directory "${TMPDIR:-/tmp}" \
    --tls-ca-file "$TLS/ca.pem" --tls-cert "$TLS/cert.pem" --tls-key "$TLS/key.pem"
