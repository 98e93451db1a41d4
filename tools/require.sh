#!/usr/bin/env bash
# Makes sure that what the tests need beside Go is there: a C compiler (cc, for
# the race detector), a browser (chromium), and ffmpeg and ffprobe, which make
# clips, transcode them, and play what came of it. On Debian and its kin missing
# ones are installed; elsewhere it says what to do.
set -euo pipefail

# present says whether requirement $1 is met. The browsers are those that
# chromedp looks for.
present() {
	case $1 in
	cc) [[ $(uname) == Darwin ]] || command -v "$(go env CC)" ;;
	chromium)
		command -v chromium || command -v chromium-browser || command -v google-chrome ||
			command -v google-chrome-stable || command -v headless-shell ||
			[[ -d '/Applications/Google Chrome.app' || -d /Applications/Chromium.app ]]
		;;
	ffmpeg | ffprobe) command -v "$1" ;;
	esac >/dev/null
}

# packages prints the Debian packages of requirement $1.
packages() {
	case $1 in
	cc) echo gcc libc6-dev ;;
	chromium) echo chromium ;;
	ffmpeg | ffprobe) echo ffmpeg ;; # one package has both
	esac
}

missing=()
for requirement; do
	present "$requirement" || missing+=($(packages "$requirement"))
done
((${#missing[@]})) || exit 0

if ! command -v apt-get >/dev/null; then
	echo "The tests need a C compiler, Chromium or Chrome, and FFmpeg. Install what is missing: ${missing[*]}" >&2
	exit 1
fi
root=()
if ((EUID != 0)); then
	if ! sudo -n true 2>/dev/null; then
		echo "The tests need ${missing[*]}. Install with: sudo apt-get install ${missing[*]}" >&2
		exit 1
	fi
	root=(sudo -n)
fi
echo "Installing ${missing[*]} for the tests (a minute)." >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
	${root[@]+"${root[@]}"} apt-get update -qq &&
		${root[@]+"${root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}
if ! install </dev/null >"$log" 2>&1; then
	cat "$log" >&2
	echo "Installing ${missing[*]} failed." >&2
	exit 1
fi
