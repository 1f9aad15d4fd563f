# SPDX-License-Identifier: BSD-3-Clause
# Small kexts of our own that exercise the host from inside: build/test/kexts/NAME.kext. A folder test/kexts/NAME with
# an Info.plist is one kext; each test/kexts/small/NAME.cpp is another, with an Info.plist made for it. They are compiled
# as kext/ is (Mach-O, for 10.6) and linked by kextld; those in small/ may import what no system has.
TK_ID   := org.virtio-osx.test
TK_OUT  := $(B)/test/kexts
TK_OBJ  := $(B)/test/obj/kexts
TK_DIRS := $(patsubst test/kexts/%/Info.plist,%,$(wildcard test/kexts/*/Info.plist))
TK_SMALL := $(patsubst test/kexts/small/%.cpp,%,$(wildcard test/kexts/small/*.cpp))
TK_FLAGS := -target x86_64-apple-macosx10.6 -mkernel -nostdinc -Ikpi -Itest/kexts/common -DKERNEL -DAPPLE -DNeXT -O2 \
    -fno-builtin -fno-common -fno-stack-protector -fno-unwind-tables -fno-asynchronous-unwind-tables -mno-sse -mno-mmx \
    -msoft-float -mno-implicit-float $(WARN)
TK_CXX := -fapple-kext -std=gnu++14 -fno-rtti -fno-exceptions -fno-threadsafe-statics -fno-use-cxa-atexit \
    -fno-register-global-dtors-with-atexit -Wno-stdlibcxx-not-found -Wno-overloaded-virtual -Wno-inconsistent-missing-override
$(eval $(call flags_stamp,test/obj/kexts,$$(CLANGXX) $$(TK_FLAGS) $$(TK_CXX)))

$(TK_OBJ)/%.o: test/kexts/%.cpp $(B)/test/obj/kexts.flags
	@mkdir -p $(@D)
	$(CLANGXX) $(TK_FLAGS) $(TK_CXX) $(DEPFLAGS) -c $< -o $@
$(TK_OBJ)/%/kmod.o: test/kexts/common/kmod.c $(B)/test/obj/kexts.flags
	@mkdir -p $(@D)
	$(CLANG) $(TK_FLAGS) -std=gnu11 -DKEXT_ID=$(TK_ID).$(notdir $*) '-DKEXT_VERSION="1.0"' -c $< -o $@

# $(call test_kext,NAME,OBJECTS,PLIST RECIPE,KPI OPTIONS)
define test_kext
$$(TK_OUT)/$(1).kext/Contents/MacOS/$(1): $(2) $$(TK_OBJ)/$(1)/kmod.o $$(B)/kextld $$(TK_OUT)/$(1).kext/Contents/Info.plist
	@mkdir -p $$(@D)
	$$(B)/kextld -arch x86_64 -o $$@ $(4) -id $$(TK_ID).$(1) -version 1.0 -no_exported_symbols $$(filter %.o,$$^)
tests: $$(TK_OUT)/$(1).kext/Contents/MacOS/$(1)
endef
TK_KPI := -kpi kpi/abi/exports.tsv -min 10.6
$(foreach k,$(TK_DIRS),$(eval $(call test_kext,$(k),$(patsubst test/kexts/%.cpp,$(TK_OBJ)/%.o,$(wildcard \
    test/kexts/$(k)/*.cpp)) $(TK_OBJ)/common/report.o,,$(TK_KPI))))
$(foreach k,$(TK_SMALL),$(eval $(call test_kext,$(k),$(TK_OBJ)/small/$(k).o,,)))

$(TK_DIRS:%=$(TK_OUT)/%.kext/Contents/Info.plist): $(TK_OUT)/%.kext/Contents/Info.plist: test/kexts/%/Info.plist
	@mkdir -p $(@D)
	cp $< $@
$(TK_SMALL:%=$(TK_OUT)/%.kext/Contents/Info.plist): $(TK_OUT)/%.kext/Contents/Info.plist: test/kexts/small/Info.plist.in
	@mkdir -p $(@D)
	sed 's/@NAME@/$*/g' $< >$@
