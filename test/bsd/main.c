// SPDX-License-Identifier: BSD-3-Clause
/* Starts the kernel's lower half without devices, with a tap that is played (fake_edge.c), and runs the
 * suites. */
#include "suite.h"
#include "linux/linux.h"
#include "mach/boot.h"
#include "bsd/boot.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

void host_note(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    printf("# ");
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
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

struct job {
    pthread_t thread;
    void (*fn)(int);
    int which;
};

static void *run(void *arg)
{
    struct job *j = arg;
    j->fn(j->which);
    return NULL;
}

void host_threads(void (*fn)(int), int count)
{
    struct job jobs[16];
    for (int i = 0; i < count; i++) {
        jobs[i] = (struct job){.fn = fn, .which = i};
        if (pthread_create(&jobs[i].thread, NULL, run, &jobs[i]))
            abort();
    }
    for (int i = 0; i < count; i++)
        pthread_join(jobs[i].thread, NULL);
}

static int leaks;
static void show(void *ctx, const char *name, unsigned long value)
{
    size_t n = strlen(name);
    if (!value || n < 5 || strcmp(name + n - 5, ".live"))
        return;
    if (strncmp(name, "mbufs.", 6) && strncmp(name, "clusters.", 9) && strncmp(name, "ifnets.", 7) &&
        strncmp(name, "sysctls.", 8))
        return;
    printf("# %s: %lu\n", name, value);
    leaks++;
}
int host_leaks(void)
{
    leaks = 0;
    lx_counter_each(show, NULL);
    return leaks;
}

void host_unimplemented(const char *mangled)
{
    lx_fatal("%s is not implemented", mangled);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (lx_ram_init(512ul << 20)) {
        printf("not ok - no memory for the test\n");
        return 1;
    }
    mach_init(NULL);
    for (void (*const *f)(void) = __start_kernel_init; f < __stop_kernel_init; f++)
        (*f)();
    bsd_boot();
    unsigned long before = lx_ram_in_use(), most;
    suite_mbuf();
    suite_chain();
    suite_shape();
    suite_cksum();
    suite_ifnet();
    suite_sysctl();
    most = lx_ram_in_use();
    bsd_settle();
    host_check(most > before + (1 << 20) && lx_ram_in_use() < before + (64 << 10),
               "packet memory goes back to the RAM");
    return failures != 0;
}
