# SPDX-License-Identifier: BSD-3-Clause
# The test of host/iokit: mach, libkern and IOKit as a kernel without a bus, and suites of its own.
IOKIT_KPI := $(wildcard host/mach/*.c host/libkern/*.cpp host/iokit/*.cpp test/iokit/*_suite.cpp)
IOKIT_LINUX := $(wildcard host/linux/*.c) host/profile.c test/iokit/main.c

# $(call iokit_width,PREFIX,LD OPTIONS,LINK OPTIONS)
define iokit_width
$(1)test/iokit/all.o: $$(IOKIT_KPI:%=$(1)kernel/%.o)
	@mkdir -p $$(@D)
	$$(LD) $(2) -r -o $$@ $$^
$(1)test/iokittest: $(1)test/iokit/renamed.o $(1)test/iokit/exports.o $$(IOKIT_LINUX:%.c=$(1)linux/%.o)
	$$(CLANG) $(3) -no-pie $$^ -l:libstdc++.so.6 -pthread -o $$@

tests: $(1)test/iokittest
endef
$(eval $(call iokit_width,$(B)/,,))
$(eval $(call iokit_width,$(B)/32/,-m elf_i386,-m32))
