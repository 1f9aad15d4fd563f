# SPDX-License-Identifier: BSD-3-Clause
# kpi/ holds headers only; what is built is the proof that they have Apple's layouts. A wrong slot, size, offset, constant
# or symbol stops the build here, named, before anything is compiled against it.
KPI_HEADERS := $(shell find kpi -name '*.h')
KPI_OK := $(B)/kpi.ok
$(KPI_OK): test/abi/abicheck.py test/abi/exceptions.tsv $(KPI_HEADERS) $(wildcard kpi/abi/*.tsv)
	@mkdir -p $(@D)
	CLANGXX='$(CLANGXX)' python3 test/abi/abicheck.py
	@touch $@
all kexts: $(KPI_OK)
