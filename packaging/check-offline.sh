#!/bin/sh
# Does the main jobs with an installation that is cut off from the network: packaging/check-offline.sh BIN CLIP
# BIN is the folder of the program, CLIP a clip with a face in it.
set -eu
bin=$(cd "$1" && pwd)
clip=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
export SCANNER_CACHE="$scratch/cache.sqlite"
# A network of its own holds nothing, not even loopback; where that is not allowed, we say so and go on.
if unshare -rn true 2>/dev/null; then cut="unshare -rn"; else cut="" && echo "check-offline: the network cannot be cut off here" >&2; fi
expect() { # expect CODE COMMAND...
    want=$1 got=0
    shift
    $cut "$@" >"$scratch/out" 2>&1 || got=$?
    [ "$got" -eq "$want" ] && return
    cat "$scratch/out" >&2
    echo "check-offline: $* ended with $got, not $want" >&2
    exit 1
}
expect 0 "$bin/scanner" doctor
mkdir bad
echo 'import face_recognition; face_recognition.face_encodings(1)' >bad/a.py
expect 1 "$bin/scanner" scan bad --report html=report.html --report pdf=report.pdf --report json=run.json
expect 0 "$bin/scanner" explain face-recognition run.json
expect 0 "$bin/scanner" blur "$clip" -o "released.mp4"
grep -q "1 face covered" out
expect 0 "$bin/scanner" verify released.mp4 --original "$clip"
echo "check-offline: doctor, scan, reports, blur and verify work${cut:+ without a network}"
