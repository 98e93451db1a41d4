#!/usr/bin/env bash
# Prints the events of all tests (test2json): what is light to compile under the
# race detector, then what imports Pulumi's OCI SDK without it, then the end to
# end tests, which run programs that Go's test cache does not know of.
set -uo pipefail

export TAGS=browser
status=0
run() { go test -json -vet=off -tags "$TAGS" -timeout 60m "$@" || status=1; }

light=$(tools/packages.sh light | grep -Ev '/e2e(/|$)') || exit 1
heavy=$(tools/packages.sh heavy | grep -Ev '/e2e(/|$)')
# The race detector needs cgo, except on macOS.
cgo=1
[[ $(uname) != Darwin ]] || cgo=0
CGO_ENABLED=$cgo run -race $light
[[ -z $heavy ]] || run $heavy
run -count=1 ./e2e/...
exit "$status"
