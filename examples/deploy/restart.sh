#!/bin/sh
# Restart the units one after the other: restart.sh 8001 8002. Pages move to the other units, and resume there. The pause
# is the time over which they reconnect (--spread of serve).
set -eu
for port in "$@"; do
    systemctl restart "chat@$port"
    until curl --silent --output /dev/null "localhost:$port"; do sleep 0.2; done
    sleep 5
done
