// SPDX-License-Identifier: BSD-3-Clause
/*
 * The drivers of life.h. Roles: "first" has the best score and fails to start; "second" lowers its score in
 * probe(); "third" is left; "other" and "property" are in match categories of their own; "never" and "blue"
 * do not match.
 */
#include "life.h"
#include <IOKit/IOMessage.h>
#include <libkern/c++/OSContainers.h>

OSDefineMetaClassAndStructors(org_virtio_osx_test_Nub, IOService)
    OSDefineMetaClassAndStructors(org_virtio_osx_test_Life, IOService)

        static char trail[2048];
static volatile UInt32 used;

void trail_note(const char *role, const char *event)
{
    char text[40];
    snprintf(text, sizeof text, "%s.%s ", role, event);
    UInt32 n = (UInt32)strlen(text), at = (UInt32)OSAddAtomic((SInt32)n, (volatile SInt32 *)&used);
    if (at + n < sizeof trail)
        memcpy(trail + at, text, n);
}

void trail_clear()
{
    bzero(trail, sizeof trail);
    used = 0;
}

static int find(const char *event)
{
    size_t n = strlen(event);
    for (int i = 0; trail[i]; i++)
        if (!strncmp(trail + i, event, n) && trail[i + n] == ' ' && (!i || trail[i - 1] == ' '))
            return i;
    return -1;
}

bool trail_has(const char *event)
{
    return find(event) >= 0;
}
bool trail_before(const char *a, const char *b)
{
    return find(a) >= 0 && find(a) < find(b);
}
bool trail_wait(const char *event)
{
    for (unsigned i = 0; i < 30000 && find(event) < 0; i++)
        IOSleep(1);
    return find(event) >= 0;
}
void trail_show()
{
    for (unsigned i = 0; i < strlen(trail); i += 150)
        probe_note("trail: %.150s", trail + i);
}

bool Nub::compareName(OSString *name, OSString **matched) const
{
    return IOService::compareName(name, matched);
}

bool Nub::matchPropertyTable(OSDictionary *table, SInt32 *score)
{
    OSString *role = OSDynamicCast(OSString, table->getObject("Role"));
    trail_note(role ? role->getCStringNoCopy() : "?", "table");
    return IOService::matchPropertyTable(table, score);
}

void Nub::free()
{
    trail_note("nub", "free");
    IOService::free();
}

const char *Life::role()
{
    OSString *text = OSDynamicCast(OSString, getProperty("Role"));
    return text ? text->getCStringNoCopy() : "none";
}

IOService *Life::probe(IOService *provider, SInt32 *score)
{
    trail_note(role(), "probe");
    SInt32 given = is("first") ? 300 : is("second") ? 200 : is("third") ? 100 : 0;
    if (*score != given)
        trail_note(role(), "wrongscore");
    if (is("second"))
        *score = 50;
    if (is("property"))
        setProperty("Probed", kOSBooleanTrue);
    return IOService::probe(provider, score);
}

bool Life::start(IOService *provider)
{
    trail_note(role(), "start");
    if (is("first") || !IOService::start(provider))
        return false;
    registerService();
    return true;
}

bool Life::requestTerminate(IOService *provider, IOOptionBits options)
{
    trail_note(role(), "request");
    return IOService::requestTerminate(provider, options);
}

bool Life::willTerminate(IOService *provider, IOOptionBits options)
{
    trail_note(role(), "will");
    return IOService::willTerminate(provider, options);
}

bool Life::didTerminate(IOService *provider, IOOptionBits options, bool *defer)
{
    trail_note(role(), "did");
    return IOService::didTerminate(provider, options, defer);
}

bool Life::finalize(IOOptionBits options)
{
    trail_note(role(), "finalize");
    return IOService::finalize(options);
}

void Life::stop(IOService *provider)
{
    trail_note(role(), "stop");
    IOService::stop(provider);
}

void Life::detach(IOService *provider)
{
    trail_note(role(), "detach");
    IOService::detach(provider);
}

IOReturn Life::message(UInt32 type, IOService *provider, void *argument)
{
    messages++;
    lastMessage = type;
    if (type == kIOMessageServiceIsRequestingClose) {
        trail_note(role(), "close?");
        if (!keepsOpen)
            provider->close(this);
        return kIOReturnSuccess;
    }
    if (type == kIOMessageServiceIsAttemptingOpen)
        trail_note(role(), "attempt");
    if (type == kIOMessageServiceWasClosed)
        trail_note(role(), "wasclosed");
    return IOService::message(type, provider, argument);
}

void Life::free()
{
    trail_note(getPropertyTable() ? role() : "?", "free");
    IOService::free();
}
