#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# All artefacts into build/dist, with their checksums. The kexts and build/bom are built.
. "$(dirname "$0")/lib.sh"
for tool in bsdtar faketime xorriso zip gzip llvm-nm; do
    command -v $tool >/dev/null || fail "$tool is missing; ./package installs it"
done
[ "$lipo" != "" ] || fail "llvm-lipo is missing; ./package installs it"
for kext in "$build"/kexts/VirtioFamily.kext "$build"/kexts/VirtioNet.kext "$build"/kexts-10.5/VirtioFamily.kext "$build"/kexts-10.5/VirtioNet.kext; do
    [ -f "$kext/Contents/Info.plist" ] || fail "$kext is not built; type: make kexts"
done
out=$build/dist
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
rm -rf "$out"
mkdir -p "$out"
name=virtio-osx-$version
sh "$top/dist/pkg.sh" "$out/$name.pkg" "$work"
sh "$top/dist/iso.sh" "$out/$name.iso" "$work" "$out/$name.pkg"
sh "$top/dist/zip.sh" RELEASE "$out/$name-RELEASE.zip" "$work"
sh "$top/dist/zip.sh" DEBUG "$out/$name-DEBUG.zip" "$work"
(cd "$out" && sha256sum $name* >SHA256SUMS)
(cd "$out" && ls -l $name* | awk '{ printf "%8d KB  %s\n", ($5 + 1023) / 1024, $NF }')
