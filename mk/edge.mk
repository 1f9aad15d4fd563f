# SPDX-License-Identifier: BSD-3-Clause
# Tests of host/edge without a tap.
$(B)/test/gro $(B)/test/link: $(B)/test/%: test/edge/%.c host/edge/%.c host/edge/edge.h host/edge/internal.h $(B)/linux.flags
	@mkdir -p $(@D)
	$(CLANG) $(LINUX_FLAGS) -fsanitize=address,undefined -fno-sanitize-recover=all -no-pie $(filter %.c,$^) -lpthread -o $@
tests: $(B)/test/gro $(B)/test/link
