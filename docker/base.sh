#!/usr/bin/env bash
# A local base image without any registry: Debian by debootstrap, which needs root.
#   docker/base.sh [NAME]      default: localhost/mods-base; SUITE and MIRROR are Debian's
set -euo pipefail
name="${1:-localhost/mods-base}"
place="$(mktemp -d)"
container=""
clean() {
    if [ -n "$container" ]; then buildah rm "$container" >/dev/null; fi
    rm -rf --one-file-system "$place"
}
trap clean EXIT

debootstrap --variant=minbase --include=ca-certificates "${SUITE:-bookworm}" "$place/root" \
    "${MIRROR:-http://deb.debian.org/debian}" >"$place/log" || { tail "$place/log" >&2; exit 1; }
# Without manuals and translations, now and for what is installed later, as Debian's own slim image.
printf 'path-exclude=/usr/share/%s/*\n' info locale man >"$place/root/etc/dpkg/dpkg.cfg.d/slim"
printf 'path-exclude=/usr/share/doc/*\npath-include=/usr/share/doc/*/copyright\n' \
    >>"$place/root/etc/dpkg/dpkg.cfg.d/slim"
rm -rf "$place"/root/usr/share/{info,locale,man}/* \
    "$place"/root/var/lib/apt/lists/* "$place"/root/var/cache/apt/*
find "$place/root/usr/share/doc" -type f -not -name copyright -delete
tar -C "$place/root" --one-file-system --numeric-owner -cf "$place/root.tar" .
container="$(buildah from scratch)"
buildah add --quiet "$container" "$place/root.tar" /
buildah config --cmd /bin/bash "$container"
buildah commit --quiet "$container" "$name"
