// SPDX-License-Identifier: BSD-3-Clause
/*
 * Names of registry properties and planes. Answers to Apple's IOKit/IOKitKeys.h.
 */
#ifndef KPI_IOKIT_IOKITKEYS_H
#define KPI_IOKIT_IOKITKEYS_H

/* Planes, and properties of the registry root. */
#define kIOKitBuildVersionKey                    "IOKitBuildVersion"
#define kIOKitDiagnosticsKey                     "IOKitDiagnostics"
#define kIORegistryPlanesKey                     "IORegistryPlanes"
#define kIOCatalogueKey                          "IOCatalogue"
#define kIOServicePlane                          "IOService"
#define kIOPowerPlane                            "IOPower"
#define kIODeviceTreePlane                       "IODeviceTree"
#define kIOAudioPlane                            "IOAudio"
#define kIOFireWirePlane                         "IOFireWire"
#define kIOUSBPlane                              "IOUSB"
#define kIORegistryEntryIDKey                    "IORegistryEntryID"
#define kIOPlatformSerialNumberKey               "IOPlatformSerialNumber"
#define kIOPlatformUUIDKey                       "IOPlatformUUID"
#define kOSBuildVersionKey                       "OS Build Version"

/* Classes and matching. */
#define kIOServiceClass                          "IOService"
#define kIOResourcesClass                        "IOResources"
#define kIOClassKey                              "IOClass"
#define kIOProbeScoreKey                         "IOProbeScore"
#define kIOKitDebugKey                           "IOKitDebug"
#define kIOProviderClassKey                      "IOProviderClass"
#define kIONameMatchKey                          "IONameMatch"
#define kIOPropertyMatchKey                      "IOPropertyMatch"
#define kIOPathMatchKey                          "IOPathMatch"
#define kIOLocationMatchKey                      "IOLocationMatch"
#define kIOParentMatchKey                        "IOParentMatch"
#define kIOResourceMatchKey                      "IOResourceMatch"
#define kIOMatchedServiceCountKey                "IOMatchedServiceCountMatch"
#define kIONameMatchedKey                        "IONameMatched"
#define kIOMatchCategoryKey                      "IOMatchCategory"
#define kIODefaultMatchCategoryKey               "IODefaultMatchCategory"
#define kIOMatchedNotification                   "IOServiceMatched"
#define kIOFirstMatchNotification                "IOServiceFirstMatch"

/* User clients, mappers. */
#define kIOUserClientClassKey                    "IOUserClientClass"
#define kIOMapperIDKey                           "IOMapperID"
#define kIOUserClientCrossEndianKey              "IOUserClientCrossEndian"
#define kIOUserClientCrossEndianCompatibleKey    "IOUserClientCrossEndianCompatible"
#define kIOUserClientSharedInstanceKey           "IOUserClientSharedInstance"
#define kIOUserClientCreatorKey                  "IOUserClientCreator"
#define kIOCFPlugInTypesKey                      "IOCFPlugInTypes"

/* Notifications and interests. */
#define kIOPublishNotification                   "IOServicePublish"
#define kIOFirstPublishNotification              "IOServiceFirstPublish"
#define kIOTerminatedNotification                "IOServiceTerminate"
#define kIOGeneralInterest                       "IOGeneralInterest"
#define kIOBusyInterest                          "IOBusyInterest"
#define kIOAppPowerStateInterest                 "IOAppPowerStateInterest"
#define kIOPriorityPowerStateInterest            "IOPriorityPowerStateInterest"
#define kIOPlatformDeviceMessageKey              "IOPlatformDeviceMessage"

/* Limits of a service. */
#define kIOCommandPoolSizeKey                    "IOCommandPoolSize"
#define kIOMaximumPriorityCountKey               "IOMaximumPriorityCount"
#define kIOMaximumBlockCountReadKey              "IOMaximumBlockCountRead"
#define kIOMaximumBlockCountWriteKey             "IOMaximumBlockCountWrite"
#define kIOMaximumByteCountReadKey               "IOMaximumByteCountRead"
#define kIOMaximumByteCountWriteKey              "IOMaximumByteCountWrite"
#define kIOMaximumSegmentCountReadKey            "IOMaximumSegmentCountRead"
#define kIOMaximumSegmentCountWriteKey           "IOMaximumSegmentCountWrite"
#define kIOMaximumSegmentByteCountReadKey        "IOMaximumSegmentByteCountRead"
#define kIOMaximumSegmentByteCountWriteKey       "IOMaximumSegmentByteCountWrite"
#define kIOMinimumSegmentAlignmentByteCountKey   "IOMinimumSegmentAlignmentByteCount"
#define kIOMaximumSegmentAddressableBitCountKey  "IOMaximumSegmentAddressableBitCount"

/* The rest. */
#define kIOIconKey                               "IOIcon"
#define kIOBundleResourceFileKey                 "IOBundleResourceFile"
#define kIOBusBadgeKey                           "IOBusBadge"
#define kIODeviceIconKey                         "IODeviceIcon"
#define kIONVRAMDeletePropertyKey                "IONVRAM-DELETE-PROPERTY"
#define kIONVRAMSyncNowPropertyKey               "IONVRAM-SYNCNOW-PROPERTY"
#define kIODTNVRAMPanicInfoKey                   "aapl,panic-info"
#define kIOBootDeviceKey                         "IOBootDevice"
#define kIOBootDevicePathKey                     "IOBootDevicePath"
#define kIOBootDeviceSizeKey                     "IOBootDeviceSize"

#endif
