#!/usr/bin/env bash
# Runs every test and ends with the numbers. A skipped test fails the run in CI:
# there, nothing may go untested in silence.
set -euo pipefail
cd "$(dirname "$0")/.."

results=.bin/test.json
echo 'Testing (minutes the first time, less after that).' >&2
: >"$results" # nothing of an earlier run is counted
status=0
gotestsum --format pkgname --format-hide-empty-pkg \
	--jsonfile "$results" --raw-command -- tools/gotest.sh || status=$?

# count prints how many tests ended with action $1.
count() { grep -c "\"Action\":\"$1\",.*\"Test\":" "$results" || true; }
failed=$(count fail)
if ((status != 0 && failed == 0)); then
	failed=1 # what failed is no test: a package that does not build, or a panic
fi
skipped=$(count skip)
if ((skipped > 0)) && [[ -n ${CI:-} ]]; then
	echo 'A test was skipped, which CI does not allow.' >&2
	status=1
fi
echo "$(count pass) passed, $failed failed, $skipped skipped"
exit "$status"
