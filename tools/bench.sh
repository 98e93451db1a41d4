#!/usr/bin/env bash
# Runs the benchmarks: Go's own, wherever there are any, and the first compilation
# of the Pulumi program. Nothing else should run on the machine meanwhile.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "$(go version), $(getconf _NPROCESSORS_ONLN) processors"
folders=$(grep -rl --include='*_test.go' '^func Benchmark' . | xargs -n 1 dirname | sort -u)
go test -run '^$' -bench . -benchmem -timeout 30m -p 1 $folders

echo 'First compilation of the Pulumi program, with an empty cache (some minutes):'
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT
GOCACHE=$cache tools/measure.sh go build -o "$cache/infra" ./infra
