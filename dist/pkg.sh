#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The installer: a flat product archive (xar) of component packages, each with PackageInfo, Bom, Payload (cpio, gzip) and Scripts.
#   dist/pkg.sh OUT.pkg WORK-FOLDER
. "$(dirname "$0")/lib.sh"
out=$1 work=$2
here=$top/dist/pkg
product=$work/product
mkdir -p "$product/Resources"
references=

# component NAME FOLDER PLACE SCRIPTS|"": what FOLDER holds goes to PLACE; SCRIPTS.preinstall runs before, SCRIPTS.postinstall after. A package has a payload in any case; an empty
# one goes to a folder of ours, so that no other folder's mode is touched.
component() {
    dir=$product/$1.pkg
    mkdir -p "$dir" "$2"
    settle "$2"
    files=$(contents "$2" | wc -l) size=$(kib "$2")
    archive odc "$2" "$work/payload"
    compressed "$work/payload" "$dir/Payload"
    "$build/bom" make "$dir/Bom" "$dir/Payload"
    scripts=
    if [ "$4" != "" ]; then
        mkdir -p "$work/scripts.$1"
        for when in preinstall postinstall; do
            [ -f "$here/$4.$when" ] || continue
            cp "$here/$4.$when" "$work/scripts.$1/$when"
            scripts="$scripts<$when file=\"./$when\"/>"
        done
        settle "$work/scripts.$1"
        archive odc "$work/scripts.$1" "$work/payload"
        compressed "$work/payload" "$dir/Scripts"
        scripts="<scripts>$scripts</scripts>"
    fi
    cat >"$dir/PackageInfo" <<XML
<?xml version="1.0" encoding="utf-8"?>
<pkg-info format-version="2" identifier="$prefix.$1" version="$version" install-location="$3" auth="root"
    overwrite-permissions="false" relocatable="false" postinstall-action="none">
    <payload numberOfFiles="$files" installKBytes="$size"/>
    $scripts
</pkg-info>
XML
    references="$references    <pkg-ref id=\"$prefix.$1\" version=\"$version\" installKBytes=\"$size\" auth=\"Root\" onConclusion=\"none\">#$1.pkg</pkg-ref>
"
}
# kexts NAME FROM PLACE
kexts() {
    mkdir -p "$work/$1"
    cp -R "$2/VirtioFamily.kext" "$2/VirtioNet.kext" "$work/$1/"
    component "$1" "$work/$1" "$3" kexts
}
kexts leopard "$build/kexts-10.5" /System/Library/Extensions
kexts system "$build/kexts" /System/Library/Extensions
kexts library "$build/kexts" /Library/Extensions
support="/Library/Application Support/virtio-osx"
mkdir -p "$work/tools"
cp "$top/dist/owner/uninstall" "$top/dist/owner/report" "$top/LICENSE" "$work/tools/"
component tools "$work/tools" "$support" ''
component older "$work/older" "$support" older
component now "$work/now" "$support" now

cp "$here/welcome.txt" "$here/conclusion.txt" "$top/LICENSE" "$product/Resources/"
sed -e "s/@VERSION@/$version/g" -e "s/@ID@/$prefix/g" "$here/Distribution.in" |
    awk -v r="$references" '/@REFERENCES@/ { printf "%s", r; next } { print }' >"$product/Distribution"
settle "$product"
# Through a tar, which has no inode numbers and change times for the table of contents to show; it bears the time of its making too. Payload
# and Scripts are compressed already and are stored as they are.
archive ustar "$product" "$work/product.tar"
faketime -f "$date" bsdtar --format xar --options xar:toc-checksum=sha1,xar:compression=none -cf "$out" @"$work/product.tar"
