# SPDX-License-Identifier: BSD-3-Clause
# Tests of host/bsd: the kernel's lower half without devices, built like the host's own (KPI-side objects in one,
# renamed), with a tap that is played.
BSD_KPI := $(wildcard host/mach/*.c host/bsd/*.c test/bsd/*_suite.c)
BSD_LINUX := $(wildcard host/linux/*.c) host/profile.c test/bsd/main.c test/bsd/fake_edge.c

$(B)/test/bsd/all.o: $(BSD_KPI:%=$(B)/kernel/%.o)
	@mkdir -p $(@D)
	$(LD) -r -o $@ $^
$(B)/test/bsdtest: $(B)/test/bsd/renamed.o $(BSD_LINUX:%.c=$(B)/linux/%.o)
	$(CLANG) -no-pie $^ -pthread -o $@

tests: $(B)/test/bsdtest
