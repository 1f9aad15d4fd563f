# SPDX-License-Identifier: BSD-3-Clause
# kexthost and kextctl. Two sides of one boundary (ARCHITECTURE.md): the KPI side is compiled against kpi/ alone,
# linked into one object whose C functions lose their libc names, and described by generated tables; the Linux
# side is ordinary C. build/san/kexthost: both sides with UBSan. build/kexthost32: the same sources for i386 kexts.
KPI_DIRS := host/mach host/libkern host/iokit host/bsd $(wildcard host/family/*)
KPI_DIRS := $(KPI_DIRS:%/=%)
KPI_SRC := $(sort $(wildcard $(KPI_DIRS:%=%/*.c) $(KPI_DIRS:%=%/*.cpp) $(KPI_DIRS:%=%/*.S)))
LINUX_DIRS := host/linux host/qemu host/edge host/loader host/kdp
LINUX_SRC := $(sort $(wildcard $(LINUX_DIRS:%=%/*.c)) $(filter-out host/kextctl.c,$(wildcard host/*.c)))

# No SSE in code that may touch a device's memory: a trapped access is a plain load or store.
KPI_FLAGS := -nostdinc -Ikpi -Ihost -I. -ffreestanding -fno-builtin -DKERNEL -DAPPLE -DNeXT -O2 -g -fno-pic \
    -fno-pie -fno-common -fno-stack-protector -fno-omit-frame-pointer -fno-strict-aliasing -mno-implicit-float \
    -fno-vectorize -fno-slp-vectorize $(WARN) -Werror=implicit-function-declaration
KPI_CXXFLAGS := -std=gnu++14 -fno-access-control -fno-rtti -fno-exceptions -fno-threadsafe-statics \
    -fno-c++-static-destructors -Wno-overloaded-virtual -Wno-mismatched-tags -Wno-unused-private-field
LINUX_FLAGS := -std=gnu11 -D_GNU_SOURCE= -Ihost -I. -O2 -g -fno-pie -fno-omit-frame-pointer $(WARN) \
    -Werror=implicit-function-declaration -DVERSION='"$(VERSION)"'
HOST_LIBS := -ljansson -lplist-2.0 -lZydis -l:libstdc++.so.6 -pthread
# i386: OpenBSD's ABI gives ELF objects with size_t mangled as Darwin's (m) and small structures in registers. A kext
# assures 4 bytes of stack alignment; Linux's side wants 16, and so a function of the kernel side makes them.
KPI32 := -target i386-pc-openbsd -march=i686 -mno-sse -mno-mmx -mstackrealign -mstack-alignment=16 \
    -fno-emulated-tls
LINUX32 := -m32 -D_FILE_OFFSET_BITS=64
UBSAN := -fsanitize=undefined -fno-sanitize=function,vptr,alignment
UBSAN_TRAP := $(UBSAN) -fsanitize-trap=undefined

$(eval $(call flags_stamp,kernel,$$(CLANG) $$(KPI_FLAGS) $$(KPI_CXXFLAGS) $$(KPI32)))
$(eval $(call flags_stamp,linux,$$(CLANG) $$(LINUX_FLAGS) $$(LINUX32)))

# $(call host_variant,PREFIX,KPI EXTRA,LINUX EXTRA,PRODUCT,LD EXTRA): PREFIXkernel/, PREFIXlinux/
define host_variant
$(1)kernel/%.c.o: %.c $$(B)/kernel.flags
	@mkdir -p $$(@D)
	$$(CLANG) -std=gnu11 $$(KPI_FLAGS) $(2) $$(DEPFLAGS) -c $$< -o $$@
$(1)kernel/%.cpp.o: %.cpp $$(B)/kernel.flags
	@mkdir -p $$(@D)
	$$(CLANGXX) $$(KPI_FLAGS) $$(KPI_CXXFLAGS) $(2) $$(DEPFLAGS) -c $$< -o $$@
$(1)kernel/%.S.o: %.S $$(B)/kernel.flags
	@mkdir -p $$(@D)
	$$(CLANG) $$(KPI_FLAGS) $(2) $$(DEPFLAGS) -c $$< -o $$@
$(1)linux/%.o: %.c $$(B)/linux.flags
	@mkdir -p $$(@D)
	$$(CLANG) $$(LINUX_FLAGS) $(3) $$(DEPFLAGS) -c $$< -o $$@

$(1)kernel/all.o: $$(KPI_SRC:%=$(1)kernel/%.o)
	$$(LD) $(5) -r -o $$@ $$^
$(4): $(1)kernel/renamed.o $(1)kernel/exports.o $$(LINUX_SRC:%.c=$(1)linux/%.o)
	$$(CLANG) -no-pie $(3) $$^ $$(HOST_LIBS) -o $$@
endef
$(eval $(call host_variant,$(B)/,,,$(B)/kexthost))
$(eval $(call host_variant,$(B)/san/,$(UBSAN_TRAP),$(UBSAN),$(B)/san/kexthost))
$(eval $(call host_variant,$(B)/32/,$(KPI32),$(LINUX32),$(B)/kexthost32,-m elf_i386))

# The tables of any kernel-side object, the host's or a test's: DIR/all.o -> DIR/exports.o, DIR/renamed.o.
# Static constructors of the kernel run when host_construct_kernel() says so, not before main().
KPI_EXPORTS := kpi/abi/exports.tsv
KPI_PADS := host/loader/pads.tsv
$(B)/libc.names:
	@mkdir -p $(@D)
	nm -D --defined-only --without-symbol-versions "$$($(CLANG) -print-file-name=libc.so.6)" | \
	    awk '{print $$NF}' >$@
%/exports.S: %/all.o host/loader/exports.py $(KPI_PADS) $(KPI_EXPORTS) $(B)/libc.names
	python3 host/loader/exports.py $< $(KPI_EXPORTS) $(KPI_PADS) $(B)/libc.names $(@:.S=)
$(B)/32/%/exports.o: $(B)/32/%/exports.S
	$(CLANG) -m32 -c $< -o $@
%/exports.o: %/exports.S
	$(CLANG) -c $< -o $@
%/renamed.o: %/all.o %/exports.S
	$(OBJCOPY) --redefine-syms=$*/exports.redefine \
	    --rename-section .init_array=kernel_init,alloc,load,data,contents $< $@

$(B)/kextctl: host/kextctl.c $(B)/linux.flags
	$(CLANG) $(LINUX_FLAGS) $(DEPFLAGS) -MF $@.d -no-pie $< -o $@

all: $(B)/kexthost $(B)/kexthost32 $(if $(wildcard host/kextctl.c),$(B)/kextctl)

# The loader alone, on a kernel of its own (test/loader/kernel.cpp): load, and mutate under ASan.
# $(call loader_width,PREFIX,KPI EXTRA,LINUX EXTRA)
LOADER_RAM := host/linux/ram.c host/linux/units.c
define loader_width
$(1)test/loader/all.o: test/loader/kernel.cpp test/loader/world.h $$(B)/kernel.flags
	@mkdir -p $$(@D)
	$$(CLANGXX) $$(KPI_FLAGS) $$(KPI_CXXFLAGS) $(2) $$(DEPFLAGS) -c $$< -o $$@
$(1)test/loader/exports.S: KPI_EXPORTS := test/loader/exports.tsv
$(1)test/loader/exports.S: KPI_PADS := test/loader/pads.tsv
$(1)test/loader/exports.S: test/loader/exports.tsv test/loader/pads.tsv
$(1)test/loader/load: test/loader/load.c $(1)test/loader/exports.o $(1)test/loader/renamed.o \
    $$(patsubst %.c,$(1)linux/%.o,$$(wildcard host/loader/*.c host/linux/*.c) host/profile.c)
	$$(CLANG) $$(LINUX_FLAGS) $(3) $$(DEPFLAGS) -MF $$@.d -no-pie $$(filter %.c %.o,$$^) -lplist-2.0 -l:libstdc++.so.6 -pthread \
	    -o $$@
$(1)test/loader/mutate: test/loader/mutate.c $$(wildcard host/loader/*.c) host/profile.c $$(B)/linux.flags \
    $$(filter-out $$(LOADER_RAM),$$(wildcard host/linux/*.c)) $(1)test/loader/exports.o $(1)test/loader/renamed.o
	$$(CLANG) $$(LINUX_FLAGS) $(3) -fsanitize=address,undefined -fno-sanitize-recover=all -no-pie $$(filter %.c %.o,$$^) \
	    -lplist-2.0 -l:libstdc++.so.6 -pthread -o $$@
tests: $(1)test/loader/load $(1)test/loader/mutate
endef
$(eval $(call loader_width,$(B)/,,))
$(eval $(call loader_width,$(B)/32/,$(KPI32),$(LINUX32)))
