#!/bin/sh
# Builds the folder that runs scanner without any network: packaging/build-rootfs.sh FOLDER
# The Dockerfile runs this very script; a test runs it, and scans and covers in what comes out, cut off from the
# network. FOLDER must be new: an environment does not move.
#
#   PYTHON        the interpreter                                   [python3]
#   PIP_...       as pip reads it, where an index of your own is used
set -eu
[ $# -eq 1 ] || { echo "usage: packaging/build-rootfs.sh FOLDER" >&2 && exit 2; }
here=$(cd "$(dirname "$0")/.." && pwd)
folder=$1
if [ -e "$folder" ] && [ -n "$(ls -A "$folder" 2>/dev/null)" ]; then
    echo "build-rootfs: $folder is not empty; name a new folder" >&2
    exit 2
fi
source=$(mktemp -d)
trap 'rm -rf "$source"' EXIT
# The weights are written into the checkout that is installed: work on a copy, the checkout stays as it is.
(cd "$here" && tar -cf - pyproject.toml README.md LICENSE scanner models ci requirements.lock) | tar -xf - -C "$source"
PYTHON=${PYTHON:-python3} SCANNER_FOOTAGE=1 sh "$source/ci/install.sh" "$folder"
# Compiled now, so that a read-only image starts as quickly as a warm one; tools for installing go.
"$folder/bin/python" -m compileall -q "$folder/lib" || true
"$folder/bin/python" -m pip --quiet --disable-pip-version-check uninstall --yes hatchling pip
mkdir -p "$folder/share/man/man1"
"$folder/bin/scanner" man >"$folder/share/man/man1/scanner.1"
SCANNER_CACHE=$source/cache "$folder/bin/scanner" doctor
