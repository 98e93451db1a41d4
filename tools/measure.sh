#!/usr/bin/env bash
# Runs a command and says how long it took and how much memory it and its
# descendants held at their peak, seen five times a second.
set -euo pipefail

# held prints the resident memory, in KiB, of process $1 and its descendants.
held() {
	ps -eo pid=,ppid=,rss= | awk -v root="$1" '
		{ parent[$1] = $2; rss[$1] = $3 }
		END {
			for (pid in rss) {
				for (p = pid; p in parent && p != root; p = parent[p]) if (p == parent[p]) break
				if (p == root) sum += rss[pid]
			}
			print sum + 0
		}'
}

began=$SECONDS
"$@" &
command=$!
peak=0
while kill -0 "$command" 2>/dev/null; do
	now=$(held "$command")
	((now <= peak)) || peak=$now
	sleep 0.2
done
status=0
wait "$command" || status=$?
awk -v s=$((SECONDS - began)) -v k="$peak" 'BEGIN { printf "%d s, %.1f GB at the peak\n", s, k / 1e6 * 1.024 }'
exit "$status"
