#!/usr/bin/env bash
# Installs the programs that the tests drive for real: Chromium, Redis and nginx. CHROMIUM names a browser to use instead.
set -euo pipefail

missing=()
if [ -n "${CHROMIUM:-}" ]; then
    [ -x "$CHROMIUM" ] || { echo "CHROMIUM=$CHROMIUM is not a program that can be run" >&2; exit 1; }
elif ! [ -x /usr/bin/chromium ]; then
    missing+=(chromium)
fi
command -v redis-server >/dev/null || missing+=(redis-server)
PATH="$PATH:/usr/sbin" command -v nginx >/dev/null || missing+=(nginx-light)
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
    echo "The tests need: ${missing[*]}. Install them (Debian: sudo apt-get install ${missing[*]}), or set CHROMIUM to a Chromium or Chrome." >&2
    exit 1
fi
