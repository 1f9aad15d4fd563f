#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# corpus.sh FOLDER [i386]: objects for the linker's fuzzers, each of them a kext by itself and together all kinds of
# sections, symbols and relocations.
set -eu
mkdir -p "$1"
here=$(dirname "$0")
arch=${2:-x86_64}
case $arch in
i386) target=i386-apple-macosx10.5 kernel=-static static=-static weak='' ;;
*) target=x86_64-apple-macosx10.6 kernel=-mkernel static='' weak='__attribute__((weak_import))' ;;
esac
flags="-target $target -nostdinc -O2 -fno-builtin -fno-stack-protector -include $here/kmod.h"
compile() { # NAME FLAG...
    name=$1 && shift
    clang $flags "$@" -c - -o "$out/$name.o"
}
out=$1
kmod='static int run(struct kmod *k, void *d) { return 0; } __attribute__((weak)) KMOD("a", "1", run, run);'
base= of=
if [ $arch = i386 ]; then # the dummies of kpi/'s OSMetaClassBase
    base='struct OSMetaClassBase { virtual void _vptr0(); virtual void _vptr1(); };' of=' : OSMetaClassBase'
fi
compile plain -x c $kernel -fcommon <<END
$kmod
extern int outside(int), *data_outside, maybe(void) $weak;
extern void *gOSKextUnresolved;
int common, table[5] = {1, 2, 3}, zero[40], *pointers[] = {&table[2], &zero[1], 0};
static const char *const words[] = {"one", "two", "three"};
__attribute__((weak)) int shared(int i) { return i + zero[i]; }
__attribute__((visibility("hidden"))) int hidden(int i) { static int n; return n += table[i]; }
const char *f(int i) { common++; return words[outside(*data_outside + shared(i)) & 1]; }
int g(void) { return (void *)maybe != gOSKextUnresolved ? maybe() + hidden(2) : 0; }
END
compile class -x c++ -std=gnu++98 -fno-rtti -fno-exceptions -fno-threadsafe-statics -fno-use-cxa-atexit -fno-common \
    -fno-register-global-dtors-with-atexit $kernel -Xclang -fapple-kext -stdlib=libc++ <<END
$kmod
$base
struct Meta$of { virtual ~Meta(); virtual void *alloc() const; };
struct Object$of { static Meta gMetaClass; virtual ~Object(); virtual int start(int); virtual void stop(); };
struct Mine : Object {
    struct MetaClass : Meta { virtual void *alloc() const; };
    static MetaClass gMetaClass;
    static const Meta *const superClass;
    ~Mine();
    int start(int);
};
Mine::MetaClass Mine::gMetaClass;
const Meta *const Mine::superClass = &Object::gMetaClass;
Mine::~Mine() {}
int Mine::start(int a) { switch (a) { case 1: stop(); return 3; case 2: return 9; case 3: stop(); case 4: return 7; } return Object::start(a); }
void *Mine::MetaClass::alloc() const { return 0; }
END
compile inline -x c++ -std=gnu++98 -fno-rtti -fno-exceptions -fno-threadsafe-statics $static -g1 -stdlib=libc++ <<END
$kmod
inline __attribute__((noinline)) int counted(int a) { static int n; return n += a; }
template <class T> struct Box { virtual T get(T t) { return t; } };
Box<long> box;
int call(int a) { return counted(a); }
END
if [ $arch = i386 ]; then
    clang -target $target -x assembler -c - -o "$out/assembly.o" <<END
.text
.globl _start, _weak
.weak_definition _weak
_start: call _out; jmp _weak; movl \$_d+4, %eax; cmpl \$7, Ltext; movl _z+64, %eax; movl \$_out+8, %ecx; ret
_weak: .cfi_startproc; jmp _start; .cfi_endproc
.data
.align 2
_d: .long _out, _d-_e, Ltext, _weak, _start+1
_e: .long Le-_e, _z+200
Le: .globl _kmod_info
.weak_definition _kmod_info
_kmod_info: .long 0, 1, 0; .space 128; .long 0, 0, 0, 0, 0, _start, _start
.space 4
.cstring
.asciz "first"
Ltext: .asciz "second"
.section __TEXT,__const
_c: .long _d
.section __DATA,__mod_init_func,mod_init_funcs
.long _start
.zerofill __DATA,__bss,_z,100,4
.comm _common,80,5
.subsections_via_symbols
END
    exit 0
fi
clang -target x86_64-apple-macosx10.6 -x assembler -c - -o "$out/assembly.o" <<END
.text
.globl _start, _weak
.weak_definition _weak
_start: call _out; movq _kmod_info@GOTPCREL(%rip), %rax; cmpq \$0, _out@GOTPCREL(%rip); movb \$1, _d(%rip)
cmpl \$7, Ltext(%rip); movabsq \$_d+8, %rax; ret
_weak: .cfi_startproc; jmp _start; .cfi_endproc
.data
.align 3
_d: .quad _out, _d-_e, Ltext, _weak
_e: .long _start-_weak, Ltext-_e
.globl _kmod_info
.weak_definition _kmod_info
_kmod_info: .quad 0; .long 1, 0; .space 132; .quad 0, 0, 0, 0, _start, _start
.space 4
.cstring
.asciz "first"
Ltext: .asciz "second"
.section __TEXT,__const
_c: .quad _d
.zerofill __DATA,__bss,_z,100,4
.comm _common,80,5
.subsections_via_symbols
END
