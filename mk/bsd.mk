# SPDX-License-Identifier: BSD-3-Clause
# Tests of host/bsd: the kernel's lower half without devices, built like the host's own (KPI-side objects in one,
# renamed), with a tap that is played.
BSD_KPI := $(wildcard host/mach/*.c host/bsd/*.c test/bsd/*_suite.c)
BSD_LINUX := $(wildcard host/linux/*.c) host/profile.c test/bsd/main.c test/bsd/fake_edge.c

# $(call bsd_width,PREFIX,LD OPTIONS,LINK OPTIONS)
define bsd_width
$(1)test/bsd/all.o: $$(BSD_KPI:%=$(1)kernel/%.o)
	@mkdir -p $$(@D)
	$$(LD) $(2) -r -o $$@ $$^
$(1)test/bsdtest: $(1)test/bsd/renamed.o $$(BSD_LINUX:%.c=$(1)linux/%.o)
	$$(CLANG) $(3) -no-pie $$^ -pthread -o $$@
tests: $(1)test/bsdtest
endef
$(eval $(call bsd_width,$(B)/,,))
$(eval $(call bsd_width,$(B)/32/,-m elf_i386,-m32))
