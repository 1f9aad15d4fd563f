# SPDX-License-Identifier: BSD-3-Clause
# Small kexts of our own that exercise the host from inside: build/test/kexts/NAME.kext, and build/test/kexts32/NAME.kext for the
# 32-bit one. A folder test/kexts/NAME with an Info.plist is one kext; each test/kexts/small/NAME.cpp is another, with an
# Info.plist made for it. They are compiled as kext/ is (Mach-O, for 10.6) and linked by kextld; those in small/ may import what
# no system has.
TK_ID   := org.virtio-osx.test
TK_DIRS := $(patsubst test/kexts/%/Info.plist,%,$(wildcard test/kexts/*/Info.plist))
TK_SMALL := $(patsubst test/kexts/small/%.cpp,%,$(wildcard test/kexts/small/*.cpp))
TK_FLAGS := -nostdinc -Ikpi -Itest/kexts/common -DKERNEL -DAPPLE -DNeXT -O2 \
    -fno-builtin -fno-common -fno-stack-protector -fno-unwind-tables -fno-asynchronous-unwind-tables -mno-sse -mno-mmx \
    -msoft-float -mno-implicit-float $(WARN)
TK_CXX := -std=gnu++14 -fno-rtti -fno-exceptions -fno-threadsafe-statics -fno-use-cxa-atexit \
    -fno-register-global-dtors-with-atexit -Wno-stdlibcxx-not-found -Wno-overloaded-virtual -Wno-inconsistent-missing-override
TK_KPI := -kpi kpi/abi/exports.tsv -min 10.6

# $(call test_kext,ARCH,FOLDER,NAME,OBJECTS,KPI OPTIONS)
define test_kext
$$(B)/test/$(2)/$(3).kext/Contents/MacOS/$(3): $(4) $$(B)/test/obj/$(2)/$(3)/kmod.o $$(B)/kextld \
    $$(if $$(filter i386,$(1)),$$(KEXT_HELPERS.i386:%=$$(B)/mach/i386/kext/%.o)) $$(B)/test/$(2)/$(3).kext/Contents/Info.plist
	@mkdir -p $$(@D)
	$$(B)/kextld -arch $(1) -o $$@ $(5) -id $$(TK_ID).$(3) -version 1.0 -no_exported_symbols $$(filter %.o,$$^)
tests: $$(B)/test/$(2)/$(3).kext/Contents/MacOS/$(3)
endef

# $(call test_kexts,ARCH,FOLDER): all of them
define test_kexts
$(eval $(call flags_stamp,test/obj/$(2),$$(CLANGXX) $$(KEXT_TARGET.$(1)) $$(TK_FLAGS) $$(KEXT_CXX.$(1)) $$(TK_CXX)))
$$(B)/test/obj/$(2)/%.o: test/kexts/%.cpp $$(B)/test/obj/$(2).flags
	@mkdir -p $$(@D)
	$$(CLANGXX) $$(KEXT_TARGET.$(1)) $$(TK_FLAGS) $$(KEXT_CXX.$(1)) $$(TK_CXX) $$(DEPFLAGS) -c $$< -o $$@
$$(B)/test/obj/$(2)/%/kmod.o: test/kexts/common/kmod.c $$(B)/test/obj/$(2).flags
	@mkdir -p $$(@D)
	$$(CLANG) $$(KEXT_TARGET.$(1)) $$(TK_FLAGS) -std=gnu11 -DKEXT_ID=$$(TK_ID).$$(notdir $$*) '-DKEXT_VERSION="1.0"' -c $$< -o $$@
$$(foreach k,$$(TK_DIRS),$$(eval $$(call test_kext,$(1),$(2),$$(k),$$(patsubst test/kexts/%.cpp,$$(B)/test/obj/$(2)/%.o,$$(wildcard \
    test/kexts/$$(k)/*.cpp)) $$(B)/test/obj/$(2)/common/report.o,$$(TK_KPI))))
$$(foreach k,$$(TK_SMALL),$$(eval $$(call test_kext,$(1),$(2),$$(k),$$(B)/test/obj/$(2)/small/$$(k).o,)))
$$(TK_DIRS:%=$$(B)/test/$(2)/%.kext/Contents/Info.plist): $$(B)/test/$(2)/%.kext/Contents/Info.plist: test/kexts/%/Info.plist
	@mkdir -p $$(@D)
	cp $$< $$@
$$(TK_SMALL:%=$$(B)/test/$(2)/%.kext/Contents/Info.plist): $$(B)/test/$(2)/%.kext/Contents/Info.plist: test/kexts/small/Info.plist.in
	@mkdir -p $$(@D)
	sed 's/@NAME@/$$*/g' $$< >$$@
endef
$(eval $(call test_kexts,x86_64,kexts))
$(if $(filter i386,$(KEXT_BUILDS)),$(eval $(call test_kexts,i386,kexts32)))
