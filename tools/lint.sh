#!/usr/bin/env bash
# Static checks: formatting, a tidy module, go vet, revive, staticcheck.
set -euo pipefail
cd "$(dirname "$0")/.."

# Every build tag that a file here asks for, so that no file goes unchecked.
export TAGS=browser,preview

say() { printf '%s\n' "$*" >&2; }

say 'Checking formatting and the module.'
unformatted=$(find . -path './.?*' -prune -o -name '*.go' -print0 | xargs -0 gofmt -l)
if [[ -n $unformatted ]]; then
	say 'Not formatted (make fmt):' "$unformatted"
	exit 1
fi
go mod tidy -diff || { say 'The module is not tidy (make fmt).'; exit 1; }

say 'Vetting (minutes the first time, then seconds).'
go vet -tags "$TAGS" ./...

say 'Linting.'
revive -config tools/revive.toml -set_exit_status -formatter default ./...
# ST1005 is revive's error-strings, which knows that a name may begin with a capital.
tools/packages.sh light | xargs staticcheck -checks inherit,-ST1005 -tags "$TAGS"
