# SPDX-License-Identifier: BSD-3-Clause
# Sourced by the linker's tests: a temporary folder $T, the compilers with a kext's flags, and checks that
# print TAP lines; ARCH=i386, set before, makes all of them for that. The linker under test is the sanitised build, so every test also looks for memory errors
# and leaks.
set -u
cd "$(dirname "$0")/../.." || exit 3
T=$(mktemp -d) || exit 3
trap 'rm -rf "$T"' EXIT
trap 'exit 130' INT TERM
KEXTLD=${KEXTLD:-build/san/kextld}
[ -x "$KEXTLD" ] || make -s "$KEXTLD" >&2 || exit 3
export ASAN_OPTIONS=detect_leaks=1:exitcode=99 UBSAN_OPTIONS=exitcode=99
ARCH=${ARCH:-x86_64}
if [ $ARCH = i386 ]; then
    TARGET="-target i386-apple-macosx10.5" KEXT="-static" KEXT_CXX="-Xclang -fapple-kext"
else
    TARGET="-target x86_64-apple-macosx10.6" KEXT="-mkernel" KEXT_CXX="-fapple-kext"
fi
COMMON="-nostdinc -DKERNEL -O2 -fno-builtin -fno-common -fno-stack-protector -fno-unwind-tables
    -fno-asynchronous-unwind-tables -mno-sse -mno-mmx -msoft-float -mno-implicit-float $TARGET"

cc() { # NAME [FLAG...]: C on stdin to $T/NAME.o
    name=$1 && shift
    clang $COMMON $KEXT -x c "$@" -c - -o "$T/$name.o"
}
cxx() {
    name=$1 && shift
    clang++ $COMMON $KEXT -x c++ -std=gnu++98 -fno-rtti -fno-exceptions -fno-threadsafe-statics -fno-use-cxa-atexit \
        -fno-register-global-dtors-with-atexit $KEXT_CXX -Wno-stdlibcxx-not-found "$@" -c - -o "$T/$name.o"
}
as() { clang $TARGET -x assembler -c - -o "$T/$1.o"; }
ld() { # NAME ARGUMENT...: links to $T/NAME; what it says goes to $T/NAME.log
    name=$1 && shift
    "$KEXTLD" -arch $ARCH -o "$T/$name" "$@" >"$T/$name.log" 2>&1
}
show() { python3 test/ld/show.py "$@"; }

# $T/kmod.o: the least a kext is: _kmod_info, start, stop.
kmod() {
    cc "${1:-kmod}" -include test/ld/kmod.h <<'END'
static int start(struct kmod *k, void *d) { return 0; }
static int stop(struct kmod *k, void *d) { return 0; }
KMOD("org.example.test", "1.2.3", start, stop);
END
}

pass() { echo "ok - $1"; }
fail() { # TEXT: what follows on stdin is shown
    echo "not ok - $1"
    sed 's/^/# /'
}
is() { # TEXT GOT WANTED
    if [ "$2" = "$3" ]; then pass "$1"; else printf 'got:\n%s\nwanted:\n%s\n' "$2" "$3" | fail "$1"; fi
}
has() { # TEXT FILE REGEX...: every regex matches a line
    text=$1 file=$2 && shift 2
    for re; do
        grep -Eq -- "$re" "$file" || { { echo "no line matches: $re"; cat "$file"; } | fail "$text"; return; }
    done
    pass "$text"
}
lacks() { # TEXT FILE REGEX
    if grep -Eq -- "$3" "$2"; then grep -E -- "$3" "$2" | fail "$1"; else pass "$1"; fi
}
links() { # TEXT NAME ARGUMENT...
    text=$1 && shift
    if ld "$@"; then pass "$text"; else fail "$text" <"$T/$1.log"; fi
}
refuses() { # TEXT REGEX NAME ARGUMENT...: exit status 1, one line on stderr that matches, no output
    text=$1 re=$2 && shift 2
    rm -f "$T/$1"
    ld "$@"
    status=$?
    if [ $status = 1 ] && [ "$(wc -l <"$T/$1.log")" = 1 ] && grep -Eq -- "^kextld: .*$re" "$T/$1.log" && [ ! -e "$T/$1" ]
    then pass "$text"; else { echo "status $status, wanted 1 and: $re"; cat "$T/$1.log"; } | fail "$text"; fi
}
