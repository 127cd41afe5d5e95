#!/usr/bin/env bash
# install_programs.sh services: install three browser engines, Redis, nginx and other servers for the tests. CHROMIUM names another browser to use.
# install_programs.sh compiler PYTHON: install a C compiler and the headers of that Python.
set -euo pipefail

missing=()
case "${1:-}" in
services)
    if [ -n "${CHROMIUM:-}" ]; then
        [ -x "$CHROMIUM" ] || { echo "expected a program in CHROMIUM, got $CHROMIUM" >&2; exit 1; }
    elif ! command -v chromium-headless-shell chromium >/dev/null; then
        missing+=(chromium-headless-shell)  # faster than chromium
    fi
    # Chromium with its back-forward cache, Firefox, and WebKit with a display.
    [ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || missing+=(chromium)
    command -v firefox-esr firefox >/dev/null || missing+=(firefox-esr)
    command -v WebKitWebDriver >/dev/null || missing+=(webkit2gtk-driver)
    command -v Xvfb >/dev/null || missing+=(xvfb)
    command -v redis-server >/dev/null || missing+=(redis-server)
    PATH="$PATH:/usr/sbin" command -v nginx >/dev/null || missing+=(nginx-light)
    command -v caddy >/dev/null || missing+=(caddy)
    command -v docker-compose >/dev/null || missing+=(docker-compose)
    command -v systemd-analyze >/dev/null || missing+=(systemd)
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
    echo "missing: ${missing[*]}; run sudo apt-get install ${missing[*]}, or set CHROMIUM if only the browser is missing" >&2
    exit 1
fi
