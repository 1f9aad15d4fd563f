#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The zips for OpenCore and Clover: Kexts/, a config.plist fragment, with -DEBUG symbol lists and more words in the log.
#   dist/zip.sh RELEASE|DEBUG OUT.zip WORK-FOLDER
. "$(dirname "$0")/lib.sh"
kind=$1 out=$2 work=$3/$1
mkdir -p "$work/Kexts/10.5"
cp -R "$build/kexts/"*.kext "$work/Kexts/"
cp -R "$build/kexts-10.5/"*.kext "$work/Kexts/10.5/"
cp "$top/LICENSE" "$work/"
cp "$top/dist/opencore/config.plist" "$work/"
sed "s/@VERSION@/$version/g" "$top/dist/opencore/README.txt" >"$work/README.txt"
# symbols KEXT OUT-NAME: addresses of a kext's functions and data, an architecture a list
symbols() {
    for arch in $("$lipo" -archs "$1"/Contents/MacOS/*); do
        llvm-nm -n --defined-only --arch="$arch" "$1"/Contents/MacOS/* >"$work/Symbols/$2-$arch.txt"
    done
}
if [ "$kind" = DEBUG ]; then
    mkdir -p "$work/Symbols"
    for kext in VirtioFamily VirtioNet; do
        symbols "$work/Kexts/$kext.kext" "$kext"
        symbols "$work/Kexts/10.5/$kext.kext" "$kext-10.5"
    done
    for plist in "$work/Kexts/VirtioFamily.kext" "$work/Kexts/10.5/VirtioFamily.kext"; do
        sed 's|<key>IOProviderClass</key>|<key>VirtioDebug</key>\n\t\t\t<true/>\n\t\t\t&|' "$plist/Contents/Info.plist" >"$work/plist"
        mv "$work/plist" "$plist/Contents/Info.plist"
    done
fi
settle "$work"
rm -f "$out"
(cd "$work" && find . -type f | sort | sed 's|^\./||' | zip -q -X -9 "$out" -@)
