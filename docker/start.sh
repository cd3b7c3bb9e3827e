#!/bin/sh
# What a container runs: the platform's deep-start where the image has it, else the service with its doors.
# Words after it go to the service: docker run ... mods:serve /srv/mods/docker/start.sh --workers 4
set -eu
if [ -x /srv/.deep-start/deep-start.sh ]; then
    exec deep-start --deepaas
fi
if [ -n "${MODS_TOKEN_FILE:-}" ]; then
    set -- --token_file "${MODS_TOKEN_FILE}" "$@"
fi
exec mods serve --host "${MODS_HOST}" --port "${MODS_PORT}" --log_format json "$@"
