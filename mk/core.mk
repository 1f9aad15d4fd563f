# SPDX-License-Identifier: BSD-3-Clause
# core/ for this machine, 64 and 32 bit, under ASan and UBSan, with its tests: build/test/core/core{64,32}. (The kexts compile it
# for Mach-O themselves: mk/kext.mk.) Freestanding, so that a libc call would not compile.
CORE_SRC := $(sort $(wildcard core/*.c))
CORE_TEST_SRC := $(sort $(wildcard test/core/*.c))
CORE_FLAGS := -std=gnu11 -O1 -g $(WARN) -Werror -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CORE_COMPILE = $(CLANG) $(CORE_FLAGS) $(DEPFLAGS) -c $< -o $@

define core_width
$(eval $(call flags_stamp,core$(1),$$(CLANG) $$(CORE_FLAGS) -m$(1)))
$$(CORE_SRC:%.c=$$(B)/core$(1)/%.o): $$(B)/core$(1)/%.o: %.c $$(B)/core$(1).flags
	@mkdir -p $$(@D)
	$$(CORE_COMPILE) -m$(1) -ffreestanding
$$(CORE_TEST_SRC:%.c=$$(B)/core$(1)/%.o): $$(B)/core$(1)/%.o: %.c $$(B)/core$(1).flags
	@mkdir -p $$(@D)
	$$(CORE_COMPILE) -m$(1)
$$(B)/test/core/core$(1): $$(CORE_SRC:%.c=$$(B)/core$(1)/%.o) $$(CORE_TEST_SRC:%.c=$$(B)/core$(1)/%.o)
	@mkdir -p $$(@D)
	$$(CLANG) -m$(1) -fsanitize=address,undefined $$^ -o $$@
tests: $$(B)/test/core/core$(1)
endef
$(eval $(call core_width,64))
$(eval $(call core_width,32))

# The checker of captured frames: libc alone.
$(B)/test/frames: test/frames/check.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -O2 -g $(WARN) $< -o $@
tests: $(B)/test/frames
