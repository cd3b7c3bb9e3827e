#!/usr/bin/env bash
# Build an image with buildah, without a daemon and without a registry if there is a local BASE:
#   docker/build.sh serve|train|gpu [options of buildah build ...]
#   BASE=localhost/mods-base docker/build.sh train --volume /etc/ssl/certs:/etc/ssl/certs:ro
# It becomes mods:serve, mods:train or mods:gpu. If PIP_CONFIG_FILE names a pip.conf, the build reads
# it as a secret: neither it nor the address of an index gets into the image.
set -euo pipefail
cd "$(dirname "$0")/.."
what="${1:?serve, train or gpu}"
shift
case "$what" in
    serve) options=(--target serve) ;;
    train) options=(--target train --build-arg DEVICE=cpu) ;;
    gpu) options=(--target train --build-arg DEVICE=gpu) ;;
    *) echo "$what is none of serve, train, gpu" >&2; exit 2 ;;
esac
if [ -n "${BASE:-}" ]; then options+=(--build-arg "BASE=$BASE"); fi
if [ -n "${DEEP_START:-}" ]; then options+=(--build-arg "DEEP_START=$DEEP_START"); fi
if [ -n "${PIP_CONFIG_FILE:-}" ]; then options+=(--secret "id=pip,src=$PIP_CONFIG_FILE"); fi
# Docker's format, since OCI's has no HEALTHCHECK. Layers are kept: the second build is fast.
buildah build --isolation "${ISOLATION:-chroot}" --format docker --layers \
    --file docker/Dockerfile --tag "mods:$what" "${options[@]}" "$@" .
