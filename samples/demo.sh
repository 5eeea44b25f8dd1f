#!/usr/bin/env bash
# What `make demo` shows: two pipelines told apart, a clip redacted, and the redaction verified.
set -euo pipefail
bin=$1
cd "$(dirname "$0")/.."
out=demo
rm -rf "$out"
mkdir -p "$out"
expect() { # expect CODE COMMAND...: run it, and fail when it ends otherwise
  local want=$1 got=0
  shift
  printf '\n$ %s\n' "scanner ${*:2}"
  "$@" || got=$?
  [ "$got" -eq "$want" ] || { echo "demo: expected exit code $want, got $got" >&2; exit 1; }
}
"$bin/scanner" models verify
expect 0 "$bin/scanner" scan samples/out/compliant --report html="$out/compliant.html"
expect 1 "$bin/scanner" scan samples/out/noncompliant --config samples/agency/scanner.toml \
  --policy-text samples/agency/policy.md --disclosures samples/disclosures/ledger.csv --atlas samples/agency/atlas.csv \
  --report html="$out/noncompliant.html" --report json="$out/noncompliant.json"
expect 0 "$bin/scanner" explain face-detection "$out/noncompliant.json"
expect 0 "$bin/scanner" blur samples/out/footage/doorbell.mp4 -o "$out/doorbell-redacted.mp4"
expect 0 "$bin/scanner" verify "$out/doorbell-redacted.mp4" --original samples/out/footage/doorbell.mp4
printf '\nThe report of the pipeline that does not comply: %s\n' "$PWD/$out/noncompliant.html"
printf 'The redacted clip and its manifest:                %s\n' "$PWD/$out/doorbell-redacted.mp4"
