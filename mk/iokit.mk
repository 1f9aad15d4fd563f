# SPDX-License-Identifier: BSD-3-Clause
# The test of host/iokit: mach, libkern and IOKit as a kernel without a bus, and suites of its own.
IOKIT_KPI := $(wildcard host/mach/*.c host/libkern/*.cpp host/iokit/*.cpp test/iokit/*_suite.cpp)
IOKIT_LINUX := $(wildcard host/linux/*.c) host/profile.c test/iokit/main.c

$(B)/test/iokit/all.o: $(IOKIT_KPI:%=$(B)/kernel/%.o)
	@mkdir -p $(@D)
	$(LD) -r -o $@ $^
$(B)/test/iokittest: $(B)/test/iokit/renamed.o $(B)/test/iokit/exports.o $(IOKIT_LINUX:%.c=$(B)/linux/%.o)
	$(CLANG) -no-pie $^ -lstdc++ -pthread -o $@

tests: $(B)/test/iokittest
