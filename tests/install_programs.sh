#!/usr/bin/env bash
# install_programs.sh services: what the tests drive for real, Chromium, Redis and nginx. CHROMIUM names a browser to use instead.
# install_programs.sh compiler PYTHON: what compiles extensions of that Python.
set -euo pipefail

missing=()
case "${1:-}" in
services)
    if [ -n "${CHROMIUM:-}" ]; then
        [ -x "$CHROMIUM" ] || { echo "CHROMIUM=$CHROMIUM is not a program that can be run" >&2; exit 1; }
    elif ! [ -x /usr/bin/chromium ]; then
        missing+=(chromium)
    fi
    command -v redis-server >/dev/null || missing+=(redis-server)
    PATH="$PATH:/usr/sbin" command -v nginx >/dev/null || missing+=(nginx-light)
    ;;
compiler)
    command -v cc >/dev/null || missing+=(gcc libc6-dev)
    "$2" -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' || missing+=(python3-dev)
    ;;
*)
    echo "usage: $0 services | compiler PYTHON" >&2
    exit 2
    ;;
esac
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
    echo "The tests need: ${missing[*]}. Install them (Debian: sudo apt-get install ${missing[*]}), or set CHROMIUM to a Chromium or Chrome if it is only that." >&2
    exit 1
fi
