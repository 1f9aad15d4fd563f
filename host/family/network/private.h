// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the network family's own files share: the messages between controller, interface and debugger
 * (IONetworkControllerPrivate.h has the same numbers) and its keys.
 */
#ifndef HOST_NETWORK_PRIVATE_H
#define HOST_NETWORK_PRIVATE_H
#include <IOKit/IOMessage.h>
#include <IOKit/IOReturn.h>
#include <libkern/c++/OSSymbol.h>

class IOService;

#ifndef sub_iokit_networking
#define sub_iokit_networking err_sub(6)
#endif
#define kMessageControllerWasEnabled         iokit_family_msg(sub_iokit_networking, 0x110)
#define kMessageControllerWasDisabled        iokit_family_msg(sub_iokit_networking, 0x111)
#define kMessageControllerWasEnabledForBSD   iokit_family_msg(sub_iokit_networking, 0x112)
#define kMessageControllerWasDisabledForBSD  iokit_family_msg(sub_iokit_networking, 0x113)
#define kMessageControllerWillShutdown       iokit_family_msg(sub_iokit_networking, 0x114)
#define kMessageDebuggerActivationChange     iokit_family_msg(sub_iokit_networking, 0x1F0)

#define kIOControllerEnabled "IOControllerEnabled"

/* Not in the public headers: the partial checksum of old hardware (kpi_mbuf.h, kpi_interface.h under KERNEL_PRIVATE), and
 * the MTU of a device below VLANs (sockio.h, likewise). */
enum { kMbufSum16 = 0x1000, kIfnetSum16 = 0x1000 };
#define SIOCGIFDEVMTU _IOWR('i', 68, struct ifreq)
#define SIOCSIFDEVMTU _IOW('i', 69, struct ifreq)

/* Checksums over IPv6 came with 10.8 (IONetworkingFamily-85.2): not in 10.6's IONetworkController.h. */
enum { kChecksumTCPIPv6 = 0x20, kChecksumUDPIPv6 = 0x40 };
UInt32 checksumsOverIPv6(); /* those bits, or 0 in a system before */

bool makeSymbols(); /* the keys that outlive every controller: once, at boot */

bool debuggerInit(); /* opens the kernel debugger's card when one is published */
void debuggerEnd();
void debuggerInterfaceNamed(IOService *netif);     /* which may be what the boot-arg kdp_match_name waits for */
void debuggerEarlyAddress(IOService *controller); /* before the card's functions are given to the debugger */

/* The lock behind all IONetworkData: made before the first and freed after the last. */
bool networkDataInit();
void networkDataEnd();

template <class T> static inline void dropRef(T *&p)
{
    if (p) {
        p->release();
        p = 0;
    }
}
#endif
