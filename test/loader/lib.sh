# SPDX-License-Identifier: BSD-3-Clause
# Sourced by the loader's tests: makes small kexts in $scratch and runs them on the test kernel
# (build/test/loader/load). Every kext says "ID starts" and "ID stops"; STARTS and STOPS are what these functions return.
# KEXT_ARCH=i386: the same on the 32-bit one. $later is a system where Vehicle's first padding slot is in use, $older is none.
. "$(dirname "$0")/../lib.sh"
cd "$top" || exit 3
arch=${KEXT_ARCH:-x86_64}
case $arch in
i386)
    loader=$build/32/test/loader later=10.7 older=10.6
    target="-target i386-apple-macosx10.6 -static -Xclang -fapple-kext"
    ;;
*)
    loader=$build/test/loader later=10.9 older=10.6
    target="-target x86_64-apple-macosx10.6 -mkernel -fapple-kext"
    ;;
esac
load=$loader/load
flags="-nostdinc -I. -DKERNEL -O2 -fno-builtin -fno-common -fno-stack-protector -fno-unwind-tables -mno-sse
    -mno-mmx -fno-asynchronous-unwind-tables -msoft-float -mno-implicit-float $target
    -std=gnu++98 -fno-rtti -fno-exceptions -fno-threadsafe-statics -fno-use-cxa-atexit
    -fno-register-global-dtors-with-atexit -Wno-stdlibcxx-not-found"
kpi='com.apple.kpi.libkern 9.0 com.apple.iokit.IOPCIFamily 2.0'

# code NAME [FLAG...]: C++ on stdin to $scratch/NAME.o. run() is what the start function calls.
code() {
    name=$1
    shift
    {
        cat <<'CPP'
#include "test/loader/world.h"
#include "test/ld/kmod.h"
extern "C" __attribute__((visibility("hidden"))) int run();
#ifndef STARTS
#define STARTS 0
#endif
#ifndef STOPS
#define STOPS 0
#endif
static int start(struct kmod *k, void *) { say(k->name); say("starts"); return run() + STARTS; }
static int stop(struct kmod *k, void *) { say(k->name); say("stops"); return STOPS; }
extern "C" { KMOD("", "", start, stop); }
CPP
        cat
    } | clang++ -x c++ $flags "$@" -c - -o "$scratch/$name.o" || { not_ok "$name compiles"; finish; }
}

# plist NAME VERSION LIBRARIES [EXTRA]: Info.plist of $scratch/NAME.kext, CFBundleIdentifier org.test.NAME; LIBRARIES:
# identifiers and versions in turn; EXTRA: more keys and values.
plist() {
    mkdir -p "$scratch/$1.kext/Contents/MacOS"
    {
        echo '<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict>'
        echo "<key>CFBundleIdentifier</key><string>org.test.$1</string>"
        echo "<key>CFBundleVersion</key><string>$2</string><key>CFBundleExecutable</key><string>$1</string>"
        echo "<key>OSBundleLibraries</key><dict>"
        echo "$3" | xargs -n 2 printf '<key>%s</key><string>%s</string>'
        echo "</dict>$4</dict></plist>"
    } >"$scratch/$1.kext/Contents/Info.plist"
}

# kext NAME VERSION LIBRARIES [EXTRA] [LINKER ARGUMENT...]: $scratch/NAME.o becomes $scratch/NAME.kext.
kext() {
    plist "$1" "$2" "$3" "$4"
    name=$1
    shift
    [ $# -gt 3 ] && shift 3 || shift $#
    "$build/kextld" -arch $arch -o "$scratch/$name.kext/Contents/MacOS/$name" "$@" "$scratch/$name.o" \
        >"$scratch/ld.out" 2>&1 || { not_ok "$name links: $(cat "$scratch/ld.out")"; finish; }
}

# Runs load with the arguments in $scratch; its output, names of the scratch folder taken out, in $scratch/out.
loads() {
    case $1 in --darwin) ;; *) set -- --darwin $later "$@" ;; esac
    (cd "$scratch" && exec "$load" "$@" 2>&1) >"$scratch/out.raw"
    status=$?
    sed "s|$scratch/||g" "$scratch/out.raw" >"$scratch/out"
    return $status
}
# says TEXT PATTERN...: the last output has a line for each pattern, in this order.
says() {
    text=$1
    shift
    from=1
    for pattern; do
        line=$(tail -n "+$from" "$scratch/out" | grep -n -m 1 -e "$pattern" | cut -d: -f1)
        if [ -z "$line" ]; then
            not_ok "$text: no line '$pattern'"
            sed 's/^/  # /' "$scratch/out"
            return 1
        fi
        from=$((from + line))
    done
    ok "$text"
}
# refuses TEXT PATTERN ARGUMENT...: load ends with 1, and its last words begin with a line like PATTERN.
refuses() {
    text=$1 pattern=$2
    shift 2
    loads "$@"
    if [ $status != 1 ]; then
        not_ok "$text: exit $status"
        sed 's/^/  # /' "$scratch/out"
        return 1
    fi
    says "$text" "$pattern"
}
