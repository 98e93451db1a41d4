#!/usr/bin/env bash
# Puts a Pulumi CLI at $1: the one on PATH if it is as new as the version pinned
# in tools/go.mod, otherwise one built from that module's source.
set -euo pipefail

target=$1
folder=$(cd "$(dirname "$0")" && pwd)
module=github.com/pulumi/pulumi/pkg/v3
version=$(cd "$folder" && go list -m -f '{{.Version}}' "$module")

# as_new says whether version $1 is the pinned one or a later minor of it.
as_new() {
	local major minor pinned_minor
	IFS=. read -r major minor _ <<<"${1#v}"
	IFS=. read -r _ pinned_minor _ <<<"${version#v}"
	[[ $major == 3 && $minor =~ ^[0-9]+$ ]] && ((minor >= pinned_minor))
}

mkdir -p "$(dirname "$target")"
bin=$(cd "$(dirname "$target")" && pwd)
# Not the one that an earlier run put there.
outside=$(printf %s "$PATH" | tr ':' '\n' | grep -vxF "$bin" | paste -sd: -)
if found=$(PATH=$outside command -v pulumi) && as_new "$("$found" version)"; then
	ln -sf "$found" "$target"
	exit
fi

echo "Building Pulumi $version from source (4 minutes on 2 cores the first time)." >&2
cd "$folder"
# The Automation API asks the CLI for its version, which a plain build lacks.
go build -buildvcs=false \
	-ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$version" \
	-o "$bin/$(basename "$target")" "$module/cmd/pulumi"
touch "$bin/$(basename "$target")"
