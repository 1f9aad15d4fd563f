# SPDX-License-Identifier: BSD-3-Clause
# Tests of the host's lower half: host/linux alone; host/mach and host/libkern as a kernel without devices, built like
# the host's own (KPI-side objects in one, renamed).
GROUND_KPI := $(wildcard host/mach/*.c host/libkern/*.cpp test/mach/*_suite.c test/libkern/*_suite.cpp)
GROUND_LINUX := $(wildcard host/linux/*.c) host/profile.c test/mach/main.c

# $(call ground_width,PREFIX,LD OPTIONS,LINK OPTIONS)
define ground_width
$(1)test/floor: $$(patsubst %.c,$(1)linux/%.o,$$(wildcard host/linux/*.c) test/linux/floor.c)
	@mkdir -p $$(@D)
	$$(CLANG) $(3) -no-pie $$^ -pthread -o $$@

$(1)test/ground/all.o: $$(GROUND_KPI:%=$(1)kernel/%.o)
	@mkdir -p $$(@D)
	$$(LD) $(2) -r -o $$@ $$^
$(1)test/groundtest: $(1)test/ground/renamed.o $$(GROUND_LINUX:%.c=$(1)linux/%.o)
	$$(CLANG) $(3) -no-pie $$^ -pthread -o $$@

tests: $(1)test/floor $(1)test/groundtest
endef
$(eval $(call ground_width,$(B)/,,))
$(eval $(call ground_width,$(B)/32/,-m elf_i386,-m32))
