# SPDX-License-Identifier: BSD-3-Clause
# Sourced by dist/*.sh: names, and what makes files the same bytes everywhere (order, times, owners, modes).
set -eu
umask 022
export LC_ALL=C TZ=UTC
top=$(cd "$(dirname "$0")/.." && pwd)
build=$top/build
version=$(cat "$top/VERSION")
prefix=org.virtio-osx.pkg
# The date that every file of a release bears: it goes with VERSION.
date='2026-11-01 12:00:00'
SOURCE_DATE_EPOCH=$(date -d "$date" +%s)
export SOURCE_DATE_EPOCH
lipo=$(command -v llvm-lipo || ls /usr/lib/llvm-*/bin/llvm-lipo 2>/dev/null | tail -n 1) || lipo=
fail() {
    echo "package: $*" >&2
    exit 1
}
# settle FOLDER: modes and times of all that is in it
settle() {
    find "$1" -type d -exec chmod 755 {} +
    find "$1" -type f -perm -u+x -exec chmod 755 {} +
    find "$1" -type f ! -perm -u+x -exec chmod 644 {} +
    find "$1" -exec touch -h -d "$date" {} +
}
# contents FOLDER: its paths in order, "." first
contents() { (cd "$1" && find . | sort); }
# archive FORMAT FOLDER OUT: as root:wheel
archive() {
    contents "$2" | (cd "$2" && bsdtar --format "$1" --uid 0 --gid 0 --uname root --gname wheel -n -T - -cf -) >"$3"
}
compressed() { gzip -9n <"$1" >"$2"; } # no name, no time
# kib FOLDER: its files' sizes; what a folder itself takes depends on the file system
kib() { find "$1" -type f -printf '%s\n' | awk '{ bytes += $1 } END { printf "%d", (bytes + 1023) / 1024 }'; }
