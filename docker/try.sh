#!/usr/bin/env bash
# Try the images for real, with buildah alone: the one that trains serves, trains a small model on
# synthetic traffic and predicts, all over HTTP and with tokens; then the one without TensorFlow serves
# that model, with its tokens in a file. Needs curl.
#   docker/build.sh train && docker/build.sh serve && docker/try.sh
set -euo pipefail
train_image="${1:-localhost/mods:train}"
serve_image="${2:-localhost/mods:serve}"
port="${MODS_PORT:-$((20000 + RANDOM % 20000))}"
reader="$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')"
admin="$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')"
site="http://127.0.0.1:$port"
api="$site/v2/models/mods"
log="$(mktemp)"
containers=()
server=""

run() { buildah run --isolation "${ISOLATION:-chroot}" "$@"; }

terminate() { run "$1" -- sh -c 'kill -TERM "$(cat /tmp/pid)"'; }

clean() {
    if [ -n "$server" ]; then
        terminate "${containers[-1]}" || true
        wait "$server" || true
    fi
    for container in "${containers[@]}"; do buildah rm "$container" >/dev/null; done
    rm -f "$log"
}
trap clean EXIT

fail() {
    echo "failed: $*" >&2
    tail -n 30 "$log" >&2
    exit 1
}

stop() { # SIGTERM to the main process: a clean end within 10 s, and nothing that is healthy after it
    local code=0 began="$SECONDS"
    terminate "$1"
    wait "$server" || code=$?
    server=""
    [ "$code" = 0 ] || fail "SIGTERM ended it with code $code"
    [ "$((SECONDS - began))" -le 10 ] || fail "SIGTERM took $((SECONDS - began)) s"
    if healthy "$1" 2>/dev/null; then fail "healthy, though nothing serves"; fi
    echo "   SIGTERM: ended with code 0 after $((SECONDS - began)) s, no longer healthy"
}

healthy() { run --env "MODS_PORT=$port" "$1" -- python docker/healthy.py; }

look() { # what is in an image: a user without rights, and nothing that must not be there
    [ "$(run "$1" -- id -u)" != 0 ] || fail "runs as root"
    for place in data models checkpoints reports; do
        run "$1" -- test -w "$place" || fail "cannot write to $place"
    done
    if run "$1" -- sh -c 'touch mods/new || touch /srv/new || touch /usr/new' 2>/dev/null; then
        fail "may write to what it runs"
    fi
    local found
    found="$(run "$1" -- find /srv/mods /srv/.deep-start /etc/pip.conf \( -name .git -o -name tests \
        -o -name '.env*' -o -name pip.conf -o -name '*.pem' -o -name '*.key' \) 2>/dev/null || true)"
    [ -z "$found" ] || fail "is in the image: $found"
}

ask() { # TOKEN METHOD URL
    curl --silent --show-error --max-time 120 --header "Authorization: Bearer $1" -X "$2" "$3"
}

status() { # curl's options and a URL
    curl --silent --output /dev/null --max-time 60 --write-out '%{http_code}' "$@" || true
}

start() { # CONTAINER environment|file: where the service finds its tokens
    # They come by a pipe, since everyone may read a command line.
    printf '%s\n' "$reader" "$admin" | run --env "MODS_PORT=$port" "$1" -- sh -c '
        read -r reader && read -r admin
        if [ "$1" = file ]; then
            export MODS_TOKEN_FILE=/tmp/tokens
            (umask 077 && printf "read %s\nadmin %s\n" "$reader" "$admin" >"$MODS_TOKEN_FILE")
        else
            export MODS_TOKEN="$reader" MODS_ADMIN_TOKEN="$admin"
        fi
        echo $$ > /tmp/pid
        exec tini -s -- /srv/mods/docker/start.sh' start "$2" >"$log" 2>&1 &
    server=$!
    for _ in $(seq 120); do
        if [ "$(status "$site/healthz")" = 200 ]; then return; fi
        kill -0 "$server" 2>/dev/null || fail "the service has not started"
        sleep 1
    done
    fail "the service is not healthy"
}

predicts() {
    local answer
    [ "$(status -X POST "$api/predict/?model_name=tiny")" = 401 ] || fail "no token, yet no 401"
    answer="$(ask "$reader" POST "$api/predict/?model_name=tiny")"
    case "$answer" in *forecast*) ;; *) fail "no forecast: $answer" ;; esac
    healthy "$1" || fail "docker/healthy.py says no"
    if grep -q -e "$reader" -e "$admin" "$log"; then fail "a token is in the log"; fi
    echo "   predicts: $(printf '%s' "$answer" | head -c 150)..."
}

echo "== $train_image"
trainer="$(buildah from "$train_image")"
containers+=("$trainer")
look "$trainer"
run "$trainer" -- python -c "
from mods.dataset import demo_traffic
demo_traffic.write('data/logs', days=7, seed=0)"
run "$trainer" -- mods prepare data/logs --local_networks 10.20.0.0/16,fd20:20:20::/48 --quiet
start "$trainer" environment
echo "   serves as $(run "$trainer" -- id -un), healthy"
[ "$(status -X POST -H "Authorization: Bearer $reader" "$api/train/?model_name=tiny")" = 403 ] ||
    fail "who may only read was not refused a training"
asked="$(ask "$admin" POST \
    "$api/train/?model_name=tiny&model_name_timestamp=false&model_type=MLP&num_epochs=2")"
job="$(printf '%s' "$asked" | sed -n 's/.*"uuid": *"\([0-9a-f]*\)".*/\1/p')"
[ -n "$job" ] || fail "no training: $asked"
for _ in $(seq 180); do
    told="$(ask "$reader" GET "$api/train/$job")"
    case "$told" in
        *'"status": "done"'*) break ;;
        *'"status": "error"'* | *'"state": "failed"'*) fail "the training failed: $told" ;;
    esac
    sleep 1
done
case "$told" in *'"status": "done"'*) echo "   trained" ;; *) fail "still training: $told" ;; esac
predicts "$trainer"
stop "$trainer"

echo "== $serve_image"
servant="$(buildah from "$serve_image")"
containers+=("$servant")
look "$servant"
for place in models data/features; do
    buildah copy --quiet --chown mods:mods --from "$trainer" "$servant" \
        "/srv/mods/$place" "/srv/mods/$place" >/dev/null
done
if run "$servant" -- python -c "import tensorflow" 2>/dev/null; then fail "TensorFlow is there"; fi
start "$servant" file
predicts "$servant"
stop "$servant"

echo "== sizes"
buildah images --format '{{.Name}}:{{.Tag}}  {{.Size}}' | grep -E '(^|/)mods:(train|serve|gpu) ' || true
