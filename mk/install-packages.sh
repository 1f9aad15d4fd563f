#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Installs what mk/packages (or another list beside it, by name) has and this machine lacks, and says what it installs.
# Silent when nothing is missing.
# Without root or sudo it names the one command to type and exits 3. A name with :i386 adds that architecture.
set -eu
list=$(sed '/^#/d;/^$/d' "$(dirname "$0")/${1:-packages}")
command -v dpkg-query >/dev/null || {
    echo "virtio-osx: this is not a Debian system; install the equivalents of:" $list >&2
    exit 3
}
missing=
for p in $list; do
    dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q ' installed$' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
foreign=
case $missing in *:i386*) dpkg --print-foreign-architectures | grep -qx i386 || foreign="dpkg --add-architecture i386" ;; esac
as=
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as=sudo
    else
        echo "virtio-osx: packages are missing and there is no root; type:" \
            "${foreign:+sudo $foreign && }sudo apt-get update && sudo apt-get install$missing" >&2
        exit 3
    fi
fi
echo "virtio-osx: installing$missing" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# a machine that has just come up may still be updating itself: wait for the lock
apt="$as env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=5"
# an index that a mirror is just renewing is no reason to stop: the installation will tell
{ { [ -z "$foreign" ] || $as $foreign; } && { $apt update || true; } && $apt -y --no-install-recommends install $missing; } \
    </dev/null >"$log" 2>&1 || {
    tail -n 5 "$log" >&2
    echo "virtio-osx: the installation failed; mend the package system, then run this again" >&2
    exit 3
}
