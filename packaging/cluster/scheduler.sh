#!/bin/sh
# The scheduler of a cluster. TLS names a folder made by certificates.py; PORT is 8786 where it is not set.
#   TLS=~/cluster-tls sh packaging/cluster/scheduler.sh
set -eu
exec dask scheduler --protocol tls --port "${PORT:-8786}" ${HOST:+--host "$HOST"} --no-dashboard \
    --tls-ca-file "$TLS/ca.pem" --tls-cert "$TLS/cert.pem" --tls-key "$TLS/key.pem"
