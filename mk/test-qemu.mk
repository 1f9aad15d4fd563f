# SPDX-License-Identifier: BSD-3-Clause
# build/test/qemu/devices: host/qemu and host/linux alone, with a driver of the test's own.
QEMUTEST_SRC := $(sort $(wildcard host/linux/*.c host/qemu/*.c test/qemu/*.c))
QEMUTEST_FLAGS = -std=gnu11 -D_GNU_SOURCE= -O2 -g -I. $(WARN)
$(eval $(call flags_stamp,test/obj/qemu,$$(CC) $$(QEMUTEST_FLAGS)))

$(QEMUTEST_SRC:%.c=$(B)/test/obj/qemu/%.o): $(B)/test/obj/qemu/%.o: %.c $(B)/test/obj/qemu.flags
	@mkdir -p $(@D)
	$(CC) $(QEMUTEST_FLAGS) $(DEPFLAGS) -c $< -o $@

$(B)/test/qemu/devices: $(QEMUTEST_SRC:%.c=$(B)/test/obj/qemu/%.o)
	@mkdir -p $(@D)
	$(CC) $^ -o $@ -lZydis -ljansson -lpthread

tests: $(B)/test/qemu/devices
