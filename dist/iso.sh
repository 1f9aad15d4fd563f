#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The CD image: HFS+ and ISO 9660 (Rock Ridge, Joliet) over the same files, for guests that have no network yet.
#   dist/iso.sh OUT.iso WORK-FOLDER PKG
. "$(dirname "$0")/lib.sh"
out=$1 work=$2/cd
mkdir -p "$work/kexts/10.5" "$work/kexts/10.6 and later"
cp "$3" "$work/"
cp -R "$build/kexts-10.5/"*.kext "$work/kexts/10.5/"
cp -R "$build/kexts/"*.kext "$work/kexts/10.6 and later/"
cp "$top/dist/owner/uninstall" "$top/dist/owner/report" "$top/LICENSE" "$work/"
sed "s/@VERSION@/$version/g" "$top/dist/README.txt" >"$work/README.txt"
settle "$work"
stamp=$(date -d "$date" +%Y%m%d%H%M%S00)
xorriso -as mkisofs -quiet -o "$out" -V virtio-osx -r -J -hfsplus --set_all_file_dates "$stamp" --modification-date="$stamp" \
    -hfsplus-serial-no "$(printf '%s' "virtio-osx $version" | sha1sum | cut -c 1-16)" "$work" 2>"$2/xorriso.log" ||
    { cat "$2/xorriso.log" >&2; fail "xorriso failed"; }
