# SPDX-License-Identifier: BSD-3-Clause
# docs/features.md, which is in the tree: made from core/'s tables, docs/features.txt and the names of tests.
$(B)/test/docs/bits: $(CORE_SRC:%.c=$(B)/core64/%.o) $(B)/core64/test/docs/bits.o $(patsubst %,$(B)/core64/test/core/%.o,fake fake_ring)
	@mkdir -p $(@D)
	$(CLANG) -m64 -fsanitize=address,undefined $^ -o $@
$(B)/core64/test/docs/bits.o: $(B)/core64/%.o: %.c $(B)/core64.flags
	@mkdir -p $(@D)
	$(CORE_COMPILE) -m64
tests: $(B)/test/docs/bits
.PHONY: docs/features.md
docs/features.md: $(B)/test/docs/bits
	python3 test/docs/features.py $< >$(B)/features.md && cp $(B)/features.md $@

# docs/support.md: the table of what test/net/systems.test ran.
.PHONY: docs/support.md
docs/support.md: all
	@test/net/systems.test $(B)/support.md; cp $(B)/support.md $@
