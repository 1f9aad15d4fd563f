// SPDX-License-Identifier: BSD-3-Clause
/*
 * The symbols and planes that IOKit names things by. Spellings are those of IOKit/IOKitKeys.h and of
 * xnu-2422.115.4 iokit/Kernel/IOService.cpp (IOService::initialize).
 */
#include "iokit/impl.h"

const IORegistryPlane *gIOServicePlane, *gIOPowerPlane;

const OSSymbol *gIOResourcesKey, *gIOResourceMatchKey, *gIOProviderClassKey, *gIONameMatchKey,
    *gIONameMatchedKey, *gIOPropertyMatchKey, *gIOLocationMatchKey, *gIOParentMatchKey, *gIOPathMatchKey,
    *gIOMatchCategoryKey, *gIODefaultMatchCategoryKey, *gIOMatchedServiceCountKey, *gIOUserClientClassKey,
    *gIOKitDebugKey, *gIOServiceKey, *gIOCommandPoolSizeKey, *gIOPublishNotification,
    *gIOFirstPublishNotification, *gIOMatchedNotification, *gIOFirstMatchNotification,
    *gIOTerminatedNotification, *gIOGeneralInterest, *gIOBusyInterest, *gIOOpenInterest,
    *gIOAppPowerStateInterest, *gIOPriorityPowerStateInterest, *gIOConsoleSecurityInterest,
    *gIODeviceMemoryKey, *gIOInterruptControllersKey, *gIOInterruptSpecifiersKey, *gIOClassKey,
    *gIOProbeScoreKey, *gIOModuleIdentifierKey, *gIOBSDKey, *gIOBSDNameKey, *gIOBSDMajorKey, *gIOBSDMinorKey,
    *gIOBSDUnitKey, *gIOMapperIDKey;

static const struct {
    const OSSymbol **symbol;
    const char *text;
} keys[] = {
    {&gIOResourcesKey, "IOResources"},
    {&gIOResourceMatchKey, "IOResourceMatch"},
    {&gIOProviderClassKey, "IOProviderClass"},
    {&gIONameMatchKey, "IONameMatch"},
    {&gIONameMatchedKey, "IONameMatched"},
    {&gIOPropertyMatchKey, "IOPropertyMatch"},
    {&gIOLocationMatchKey, "IOLocationMatch"},
    {&gIOParentMatchKey, "IOParentMatch"},
    {&gIOPathMatchKey, "IOPathMatch"},
    {&gIOMatchCategoryKey, "IOMatchCategory"},
    {&gIODefaultMatchCategoryKey, "IODefaultMatchCategory"},
    {&gIOMatchedServiceCountKey, "IOMatchedServiceCountMatch"},
    {&gIOUserClientClassKey, "IOUserClientClass"},
    {&gIOKitDebugKey, "IOKitDebug"},
    {&gIOServiceKey, "IOService"},
    {&gIOCommandPoolSizeKey, "IOCommandPoolSize"},
    {&gIOPublishNotification, "IOServicePublish"},
    {&gIOFirstPublishNotification, "IOServiceFirstPublish"},
    {&gIOMatchedNotification, "IOServiceMatched"},
    {&gIOFirstMatchNotification, "IOServiceFirstMatch"},
    {&gIOTerminatedNotification, "IOServiceTerminate"},
    {&gIOGeneralInterest, "IOGeneralInterest"},
    {&gIOBusyInterest, "IOBusyInterest"},
    {&gIOOpenInterest, "IOOpenInterest"},
    {&gIOAppPowerStateInterest, "IOAppPowerStateInterest"},
    {&gIOPriorityPowerStateInterest, "IOPriorityPowerStateInterest"},
    {&gIOConsoleSecurityInterest, "IOConsoleSecurityInterest"},
    {&gIODeviceMemoryKey, "IODeviceMemory"},
    {&gIOInterruptControllersKey, "IOInterruptControllers"},
    {&gIOInterruptSpecifiersKey, "IOInterruptSpecifiers"},
    {&gIOClassKey, "IOClass"},
    {&gIOProbeScoreKey, "IOProbeScore"},
    {&gIOModuleIdentifierKey, "CFBundleIdentifier"},
    {&gIOBSDKey, "IOBSD"},
    {&gIOBSDNameKey, "BSD Name"},
    {&gIOBSDMajorKey, "BSD Major"},
    {&gIOBSDMinorKey, "BSD Minor"},
    {&gIOBSDUnitKey, "BSD Unit"},
    {&gIOMapperIDKey, "IOMapperID"},
};

void service_keys_init(void)
{
    for (unsigned i = 0; i < sizeof keys / sizeof keys[0]; i++)
        *keys[i].symbol = OSSymbol::withCStringNoCopy(keys[i].text);
    gIOServicePlane = IORegistryEntry::makePlane("IOService");
    gIOPowerPlane = IORegistryEntry::makePlane("IOPower");
}
