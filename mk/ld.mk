# SPDX-License-Identifier: BSD-3-Clause
# kextld, the Mach-O kext linker: build/kextld; the same under ASan and UBSan: build/san/kextld; its mutation test
# build/test/ld/mutate; `make fuzz-ld` runs libFuzzer for FUZZ_SECONDS (not part of ./check).
LD_SRC := $(sort $(wildcard ld/*.c))
LD_LIB := $(filter-out ld/kextld.c,$(LD_SRC))
LD_FLAGS = -std=gnu11 -g -Ild $(WARN) -DKEXTLD_VERSION='"$(VERSION)"'
LD_SAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
$(eval $(call flags_stamp,tool/ld,$$(CC) -O2 $$(LD_FLAGS)))
$(eval $(call flags_stamp,san/ld,$$(CC) -O1 $$(LD_FLAGS) $$(LD_SAN)))

$(LD_SRC:%.c=$(B)/tool/%.o): $(B)/tool/%.o: %.c $(B)/tool/ld.flags
	@mkdir -p $(@D)
	$(CC) -O2 $(LD_FLAGS) $(DEPFLAGS) -c $< -o $@

$(B)/san/test/ld/mutate.o $(LD_SRC:%.c=$(B)/san/%.o): $(B)/san/%.o: %.c $(B)/san/ld.flags
	@mkdir -p $(@D)
	$(CC) -O1 $(LD_FLAGS) $(LD_SAN) $(DEPFLAGS) -c $< -o $@

$(B)/kextld: $(LD_SRC:%.c=$(B)/tool/%.o)
	$(CC) $^ -o $@

$(B)/san/kextld: $(LD_SRC:%.c=$(B)/san/%.o)
	$(CC) $(LD_SAN) $^ -o $@

$(B)/test/ld/mutate: $(B)/san/test/ld/mutate.o $(LD_LIB:%.c=$(B)/san/%.o)
	@mkdir -p $(@D)
	$(CC) $(LD_SAN) $^ -o $@

all: $(B)/kextld
tests: $(B)/kextld $(B)/san/kextld $(B)/test/ld/mutate

FUZZ_SECONDS ?= 30
.PHONY: fuzz-ld
fuzz-ld: $(B)/fuzz/ld $(B)/kextld
	sh test/ld/corpus.sh $(B)/fuzz/ld-corpus
	$(B)/fuzz/ld -max_total_time=$(FUZZ_SECONDS) -max_len=65536 -artifact_prefix=$(B)/fuzz/ $(B)/fuzz/ld-corpus

$(B)/fuzz/ld: test/ld/libfuzzer.c $(LD_LIB) $(B)/san/ld.flags
	@mkdir -p $(@D)
	$(CLANG) -O1 $(LD_FLAGS) -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all $(filter %.c,$^) -o $@
