# SPDX-License-Identifier: BSD-3-Clause
# kdpgdb: build/kdpgdb; its unit tests under ASan and UBSan: build/test/kdp/client, build/test/kdp/fuzz.
GDB_SRC := $(sort $(wildcard gdb/*.c))
GDB_LIB := $(filter-out gdb/main.c,$(GDB_SRC))
GDB_FLAGS = -std=gnu11 -g -I. $(WARN) -DVERSION='"$(VERSION)"'
GDB_SAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
$(eval $(call flags_stamp,tool/gdb,$$(CC) -O2 $$(GDB_FLAGS)))
$(eval $(call flags_stamp,san/gdb,$$(CC) -O1 $$(GDB_FLAGS) $$(GDB_SAN)))

$(GDB_SRC:%.c=$(B)/tool/%.o): $(B)/tool/%.o: %.c $(B)/tool/gdb.flags
	@mkdir -p $(@D)
	$(CC) -O2 $(GDB_FLAGS) $(DEPFLAGS) -c $< -o $@
$(GDB_SRC:%.c=$(B)/san/%.o) $(B)/san/test/kdp/client.o $(B)/san/test/kdp/fuzz.o $(B)/san/test/kdp/hammer.o: $(B)/san/%.o: %.c $(B)/san/gdb.flags
	@mkdir -p $(@D)
	$(CC) -O1 $(GDB_FLAGS) $(GDB_SAN) $(DEPFLAGS) -c $< -o $@

$(B)/kdpgdb: $(GDB_SRC:%.c=$(B)/tool/%.o)
	$(CC) $^ -o $@
$(B)/test/kdp/%: $(B)/san/test/kdp/%.o $(GDB_LIB:%.c=$(B)/san/%.o)
	@mkdir -p $(@D)
	$(CC) $(GDB_SAN) $^ -o $@

# By hand from Apple's definitions: nothing of ours in it.
$(B)/test/kdp/machine32: test/kdp/machine32.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -O1 -g $(WARN) $(GDB_SAN) $< -o $@

all: $(B)/kdpgdb
tests: $(B)/test/kdp/client $(B)/test/kdp/fuzz $(B)/test/kdp/hammer $(B)/test/kdp/machine32
