// SPDX-License-Identifier: BSD-3-Clause
/* Starts the kernel's lower half without devices and runs one area's suites: groundtest mach|libkern. */
#include "test/mach/suite.h"
#include "linux/linux.h"
#include "mach/boot.h"
#include "libkern/modules.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int failures;
extern void (*const __start_kernel_init[])(void);
extern void (*const __stop_kernel_init[])(void);

void host_check(int good, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    printf("%sok - ", good ? "" : "not ");
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    failures += !good;
}

int host_dies(void (*fn)(void), const char *text)
{
    char out[4096] = "";
    int fd[2], status;
    fflush(stdout);
    if (pipe(fd))
        return 0;
    pid_t pid = fork();
    if (!pid) {
        dup2(fd[1], 2);
        /* Its own copy of the RAM, which fork() shares. */
        mmap(lx_ram, lx_ram_size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, lx_ram_fd, 0);
        fn();
        _exit(0);
    }
    close(fd[1]);
    ssize_t n, at = 0;
    while (at < (ssize_t)sizeof out - 1 && (n = read(fd[0], out + at, sizeof out - 1 - at)) > 0)
        at += n;
    close(fd[0]);
    waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 3 && strstr(out, text);
}

void host_unimplemented(const char *mangled)
{
    lx_fatal("%s is not implemented", mangled);
}

static int start(void)
{
    if (lx_ram_init(256ul << 20))
        return -1;
    mach_init("debug=0x14e -v vio_dbg=3 name=text size=4k neg=-2 vio_dbg=7 _x=abc");
    libkern_init();
    void *handle = libkern_pre_mod_load("__kernel__");
    for (void (*const *f)(void) = __start_kernel_init; f < __stop_kernel_init; f++)
        (*f)();
    return libkern_post_mod_load(handle);
}

int main(int argc, char **argv)
{
    if (argc != 2 || start()) {
        printf("not ok - start\n");
        return 1;
    }
    if (!strcmp(argv[1], "mach")) {
        suite_formats();
        suite_strings();
        suite_scan();
        suite_boot();
        suite_memory();
        suite_locks();
        suite_threads();
        suite_calls();
    } else {
        suite_objects();
        suite_collections();
        suite_metaclass();
        suite_xml();
        suite_hostile();
    }
    fflush(stdout);
    return failures != 0;
}
