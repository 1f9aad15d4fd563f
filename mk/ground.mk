# SPDX-License-Identifier: BSD-3-Clause
# Tests of the host's lower half: host/linux alone; host/mach and host/libkern as a kernel without devices, built like
# the host's own (KPI-side objects in one, renamed).
GROUND_KPI := $(wildcard host/mach/*.c host/libkern/*.cpp test/mach/*_suite.c test/libkern/*_suite.cpp)
GROUND_LINUX := $(wildcard host/linux/*.c) host/profile.c test/mach/main.c

$(B)/test/floor: $(patsubst %.c,$(B)/linux/%.o,$(wildcard host/linux/*.c) test/linux/floor.c)
	@mkdir -p $(@D)
	$(CLANG) -no-pie $^ -pthread -o $@

$(B)/test/ground/all.o: $(GROUND_KPI:%=$(B)/kernel/%.o)
	@mkdir -p $(@D)
	$(LD) -r -o $@ $^
$(B)/test/groundtest: $(B)/test/ground/renamed.o $(GROUND_LINUX:%.c=$(B)/linux/%.o)
	$(CLANG) -no-pie $^ -pthread -o $@

tests: $(B)/test/floor $(B)/test/groundtest
