# SPDX-License-Identifier: BSD-3-Clause
# Sourced by the tests and by ./run: paths, TAP lines, a scratch folder and what a network test needs on both sides.
top=$(cd "$(dirname "$0")" && while [ ! -f VERSION ] && [ "$PWD" != / ]; do cd ..; done; pwd)
build=$top/build
kexthost=$build/kexthost
kexthost32=$build/kexthost32
kextctl=$build/kextctl
family=$build/kexts/VirtioFamily.kext
net=$build/kexts/VirtioNet.kext
# i386_kexts SYSTEM: the options that load ours into $kexthost32; 10.5 has a build of its own
i386_kexts() {
    kexts=$build/kexts
    [ "$1" != 10.5 ] || kexts=$build/kexts-10.5
    printf ' --kext %s' "$kexts/VirtioFamily.kext" "$kexts/VirtioNet.kext"
}
# with_property KEXT KEY VALUE: a copy of the kext in $scratch, and its name; its personality has that property, in XML
with_property() {
    rm -rf "$scratch/${1##*/}"
    cp -r "$1" "$scratch"
    awk -v key="<key>$2</key>" -v value="$3" 'index($0, key) { getline; next }
        /<key>IOProviderClass</ { print key; print value } { print }' "$1/Contents/Info.plist" >"$scratch/${1##*/}/Contents/Info.plist"
    echo "$scratch/${1##*/}"
}
scratch=$(mktemp -d)
background=
cleanup() {
    status=$?
    trap - EXIT INT TERM
    for pid in $background; do kill "$pid" 2>/dev/null; done
    rm -rf "$scratch"
    exit $status
}
trap cleanup EXIT
trap 'exit 130' INT TERM

bad=0
ok() { echo "ok - $*"; }
not_ok() { echo "not ok - $*"; bad=1; }
skip() { echo "ok - $1 # SKIP $2"; }
# check TEXT COMMAND...: one test line; the command's output is shown when it fails.
check() {
    text=$1
    shift
    if "$@" >"$scratch/check.out" 2>&1; then ok "$text"; else not_ok "$text"; sed 's/^/  # /' "$scratch/check.out"; fi
}
finish() { exit $bad; }
# comes COMMAND...: waits, half a minute at most, until it succeeds
comes() {
    for _ in $(seq 300); do
        "$@" && return 0
        sleep 0.1
    done
    return 1
}

listens() { curl -s -o /dev/null "http://127.0.0.1:$1/"; } # is there a web server on the port?
# A web server on 127.0.0.1:$port for the folder $scratch/www: GET /NAME, POST /cgi-bin/put?NAME stores the body there.
start_server() {
    mkdir -p "$scratch/www/cgi-bin"
    cat >"$scratch/www/cgi-bin/put" <<'CGI'
#!/bin/sh
head -c "$CONTENT_LENGTH" >"../$QUERY_STRING"
printf 'Content-Type: text/plain\r\n\r\n'
sha1sum <"../$QUERY_STRING"
CGI
    chmod +x "$scratch/www/cgi-bin/put"
    port=$((20000 + $$ % 12000)) # below those that the kernel gives to clients
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        while listens $port; do port=$((port + 1)); done
        busybox httpd -f -p 127.0.0.1:$port -h "$scratch/www" &
        server=$!
        background="$background $server"
        for _ in $(seq 100); do
            sleep 0.1
            kill -0 $server 2>/dev/null || break # somebody else took the port meanwhile
            listens $port && return 0
        done
        port=$((port + 1))
    done
    echo "the web server did not start, last on port $port" >&2
    return 1
}
