#!/bin/sh
# Installs scanner from this checkout into a folder of its own: ci/install.sh FOLDER. Every package is held to
# the pins and hashes of ci/requirements.lock (`make lock` renews it). With SCANNER_FOOTAGE=1 the weights of the
# face detectors come along.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
folder=$1
python=${PYTHON:-python3}
"$python" -m venv "$folder"
if [ "${SCANNER_FOOTAGE:-0}" = 1 ]; then
    "$folder/bin/python" "$here/models/install.py"
fi
pip() {
    "$folder/bin/python" -m pip --quiet --disable-pip-version-check "$@"
}
pip install --only-binary :all: --require-hashes --requirement "$here/ci/requirements.lock"
pip install --no-deps --no-build-isolation "$here"
"$folder/bin/scanner" --version
