#!/usr/bin/env bash
# Lists this module's packages: "light" ones, or the "heavy" ones that import
# Pulumi's OCI SDK, themselves or in their tests. Compiling that SDK for the race
# detector, or loading its source for an analysis, takes gigabytes and minutes,
# and none of its code is ours.
set -euo pipefail

heavy=0
[[ $1 != heavy ]] || heavy=1
go list -test -tags "${TAGS:-}" -f '{{if not .ForTest}}{{.ImportPath}} {{join .Deps " "}}{{end}}' ./... |
	awk -v want="$heavy" '
		NF { name = $1; sub(/\.test$/, "", name); seen[name] += / github\.com\/pulumi\/pulumi-oci\// }
		END { for (name in seen) if ((seen[name] > 0) == want) print name }' | sort
