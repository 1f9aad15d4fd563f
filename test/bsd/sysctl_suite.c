// SPDX-License-Identifier: BSD-3-Clause
/* System controls that a kext registers, read and written by name; identifiers; the kernel's process. */
#include <sys/sysctl.h>
#include <sys/systm.h>
#include <sys/errno.h>
#include <uuid/uuid.h>
#include <libkern/libkern.h>
#include "suite.h"

static int level = 5;
static char text[16] = "hello";
SYSCTL_NODE(_debug, OID_AUTO, example, CTLFLAG_RW | CTLFLAG_LOCKED, 0, "example");
SYSCTL_INT(_debug_example, OID_AUTO, level, CTLFLAG_RW | CTLFLAG_LOCKED, &level, 0, "level");
SYSCTL_STRING(_debug_example, OID_AUTO, text, CTLFLAG_RD | CTLFLAG_LOCKED, text, sizeof text, "text");

void suite_sysctl(void)
{
    char out[64];
    int value, seven = 7;
    size_t len = sizeof value;
    uuid_t a, b;

    sysctl_register_oid(&sysctl__debug_example);
    sysctl_register_oid(&sysctl__debug_example_level);
    sysctl_register_oid(&sysctl__debug_example_text);
    host_check(sysctlbyname("debug.example.level", &value, &len, NULL, 0) == 0 && value == 5 &&
                   len == sizeof value,
               "an integer is read by its name");
    host_check(sysctlbyname("debug.example.level", NULL, NULL, &seven, sizeof seven) == 0 && level == 7,
               "and written");
    len = sizeof out;
    host_check(sysctlbyname("debug.example.text", out, &len, NULL, 0) == 0 && strcmp(out, "hello") == 0 &&
                   len == 6,
               "a string");
    len = 3;
    host_check(sysctlbyname("debug.example.text", out, &len, NULL, 0) == ENOMEM,
               "a string that does not fit");
    host_check(sysctlbyname("debug.example.text", NULL, NULL, out, 2) == EPERM,
               "a read-only one is not written");
    host_check(sysctlbyname("debug.example.none", out, &len, NULL, 0) == ENOENT, "an unknown one");
    len = sizeof out;
    host_check(sysctlbyname("kern.ostype", out, &len, NULL, 0) == 0 && strcmp(out, "Darwin") == 0,
               "kern.ostype");
    sysctl_unregister_oid(&sysctl__debug_example_text);
    sysctl_unregister_oid(&sysctl__debug_example_level);
    sysctl_unregister_oid(&sysctl__debug_example);
    host_check(sysctlbyname("debug.example.level", &value, &len, NULL, 0) == ENOENT && host_leaks() == 0,
               "unregistered, they are gone");
    uuid_generate_random(a);
    uuid_unparse(a, out);
    host_check(strlen(out) == 36 && uuid_parse(out, b) == 0 && uuid_compare(a, b) == 0 && !uuid_is_null(b) &&
                   uuid_parse("nonsense", b) == -1,
               "uuid_unparse and uuid_parse");
    host_check(proc_pid(proc_self()) == 0 && proc_find(1) == NULL, "the kernel's process is the only one");
}
