#!/bin/sh
# The gate in continuous integration: one script for GitHub, GitLab and a shell. It takes its wishes from the
# environment, so that nothing a branch is called can become a command:
#
#   SCANNER_TARGETS   what to scan, one a line                         [.]
#   SCANNER_OPTIONS   further words for `scanner scan`, one a line     [--footage, off]
#   SCANNER_SINCE     a git ref: only what is new since then closes the gate (its tree is scanned, too)
#   SCANNER_OUT       a folder for run.json, scanner.sarif, junit.xml, report.html and summary.md  [scanner-out]
#
# It ends with the exit code of `scanner scan`: 0 open, 1 closed, 2 wrong use, 3 incomplete.
set -eu

out=${SCANNER_OUT:-scanner-out}
mkdir -p "$out"
newline='
'

# Split by lines alone: no word splitting at blanks, no globbing.
set -f
IFS=$newline
# shellcheck disable=SC2086
set -- ${SCANNER_OPTIONS---footage${newline}off}
if [ -n "${SCANNER_SINCE:-}" ]; then
    base=$(mktemp -d)
    case $SCANNER_SINCE in -*) echo "ci/gate.sh: $SCANNER_SINCE is no git ref" >&2 && exit 2 ;; esac
    # A clone of CI is often shallow: bring the commit if it is not here.
    since=$(git rev-parse --quiet --verify "$SCANNER_SINCE^{commit}") || {
        git fetch --quiet --depth 1 origin "$SCANNER_SINCE"
        since=$(git rev-parse FETCH_HEAD)
    }
    git worktree add --quiet --detach --force "$base/tree" "$since"
    trap 'git worktree remove --force "$base/tree" >/dev/null 2>&1 || true; rm -rf "$base"' EXIT
    accepted=$(cd "$out" && pwd)/baseline.json
    (
        cd "$base/tree"
        # Without what does not exist there yet.
        for target in ${SCANNER_TARGETS:-.}; do
            [ ! -e "$target" ] || printf '%s\n' "$target"
        done >"$base/targets"
        targets=$(cat "$base/targets")
        [ -n "$targets" ] || targets=$base/nothing
        mkdir -p "$base/nothing"
        # shellcheck disable=SC2086
        scanner scan "$@" --fail-on never --allow-incomplete --quiet --write-baseline "$accepted" $targets
    )
    set -- "$@" --baseline "$accepted"
fi

code=0
# shellcheck disable=SC2086
scanner scan "$@" \
    --report "json=$out/run.json" --report "sarif=$out/scanner.sarif" --report "junit=$out/junit.xml" \
    --report "html=$out/report.html" --report "md=$out/summary.md" ${SCANNER_TARGETS:-.} || code=$?

if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f "$out/summary.md" ]; then
    cat "$out/summary.md" >>"$GITHUB_STEP_SUMMARY"
fi
if [ -n "${GITHUB_OUTPUT:-}" ]; then
    printf 'exit-code=%s\nfolder=%s\n' "$code" "$out" >>"$GITHUB_OUTPUT"
fi
exit "$code"
