# SPDX-License-Identifier: BSD-3-Clause
# Tests of host/edge without a tap.
$(B)/test/gro: test/edge/gro.c host/edge/gro.c host/edge/edge.h host/edge/internal.h $(B)/linux.flags
	@mkdir -p $(@D)
	$(CLANG) $(LINUX_FLAGS) -fsanitize=address,undefined -fno-sanitize-recover=all -no-pie $(filter %.c,$^) -o $@
tests: $(B)/test/gro
