#!/bin/sh
# What a container runs: the platform's deep-start where the image has it, else the service with its doors.
set -eu
if [ -x /srv/.deep-start/deep-start.sh ]; then
    exec deep-start --deepaas
fi
exec mods serve --host "${MODS_HOST}" --port "${MODS_PORT}" --log_format json
