// SPDX-License-Identifier: BSD-3-Clause
/* host/linux/: the RAM allocator (overlap, alignment, limits, wrong frees), threads, mutex and condition,
 * counters. */
#include "linux/linux.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int failures;

static void check(int good, const char *what)
{
    printf("%sok - %s\n", good ? "" : "not ", what);
    failures += !good;
}

/* What must come may be late: half a minute. */
#define EVENTUALLY(what)                                                                                     \
    do                                                                                                       \
        for (int left_ = 30000; !(what) && left_; left_--)                                                   \
            lx_sleep_ns(1000000);                                                                            \
    while (0)

/* ---- allocator ----------------------------------------------------------------------------------------- */
enum { BLOCKS = 2000, ROUNDS = 40000 };
struct block {
    unsigned char *p;
    unsigned long size;
    unsigned char fill;
};

static int intact(const struct block *b)
{
    for (unsigned long i = 0; i<b->size; i += b->size> 4096 ? 509 : 1)
        if (b->p[i] != b->fill)
            return 0;
    return 1;
}

static unsigned long random_size(unsigned *seed)
{
    unsigned r = rand_r(seed);
    return r % 16 == 0 ? 1 + (unsigned)rand_r(seed) % 300000 : 1 + (unsigned)rand_r(seed) % 5000;
}

/* Random allocations and frees; every block keeps its own pattern. 1 when all held. */
static int churn(unsigned seed)
{
    struct block *b = calloc(BLOCKS, sizeof *b);
    int good = 1;
    for (int i = 0; i < ROUNDS && good; i++) {
        struct block *k = &b[rand_r(&seed) % BLOCKS];
        if (k->p) {
            good = intact(k);
            lx_ram_free(k->p, k->size);
            k->p = NULL;
            continue;
        }
        unsigned long align = 16ul << rand_r(&seed) % 10;
        k->size = random_size(&seed);
        k->fill = rand_r(&seed);
        k->p = lx_ram_alloc(k->size, align, ~0ull);
        if (!k->p || (lx_ram_phys(k->p) & (align - 1)) || lx_ram_phys(k->p) < 16 << 20 ||
            (k->size >= 4096 && lx_ram_phys(k->p) & 4095) || lx_ram_block_size(k->p) < k->size)
            good = 0;
        else
            memset(k->p, k->fill, k->size);
    }
    for (int i = 0; i < BLOCKS; i++)
        lx_ram_free(b[i].p, b[i].size);
    free(b);
    return good;
}

static volatile int churns_done, churns_good;

static void churn_thread(void *arg)
{
    __atomic_fetch_add(&churns_good, churn((unsigned)(unsigned long)arg), __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&churns_done, 1, __ATOMIC_SEQ_CST);
}

static void test_allocator(void)
{
    unsigned long before = lx_ram_in_use();
    check(churn(1), "random blocks neither overlap nor break their alignment");
    for (unsigned long i = 0; i < 4; i++)
        lx_thread_start(churn_thread, (void *)(i + 2), "churn");
    while (churns_done < 4)
        lx_sleep_ns(1000000);
    check(churns_good == 4, "four threads at once");
    EVENTUALLY(lx_ram_in_use() == before);
    check(lx_ram_in_use() == before, "nothing in use at the end, stacks included");
    void *low = lx_ram_alloc(100, 16, (20ul << 20) - 1), *page = lx_ram_alloc(200000, 4096, (24ul << 20) - 1);
    check(low && lx_ram_phys(low) + 100 <= 20 << 20, "small block below a limit");
    check(page && lx_ram_phys(page) + 200000 <= 24 << 20, "large block below a limit");
    check(!lx_ram_alloc(100, 16, (16ul << 20) - 1), "no block below 16 MB");
    check(!lx_ram_alloc(lx_ram_size, 16, ~0ull), "no block larger than what is there");
    lx_ram_free(low, 100);
    lx_ram_free(page, 200000);
    void *huge = lx_ram_alloc(lx_ram_size - (17ul << 20), 2 << 20, ~0ull);
    check(huge && !(lx_ram_phys(huge) & ((2 << 20) - 1)),
          "nearly all memory in one aligned block after the churn");
    lx_ram_free(huge, lx_ram_size - (17ul << 20));
}

/* Runs fn in a child; 1 when it ended by lx_fatal. */
static int dies(void (*fn)(void))
{
    int status;
    fflush(stdout);
    pid_t pid = fork();
    if (!pid) {
        if (!freopen("/dev/null", "w", stderr))
            _exit(9);
        fn();
        _exit(0);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 3;
}

static void double_free_small(void)
{
    void *p = lx_ram_alloc(64, 16, ~0ull);
    lx_ram_free(p, 64);
    lx_ram_free(p, 64);
}

static void double_free_large(void)
{
    void *p = lx_ram_alloc(100000, 16, ~0ull);
    lx_ram_free(p, 100000);
    lx_ram_free(p, 100000);
}

static void free_too_much(void)
{
    lx_ram_free(lx_ram_alloc(64, 16, ~0ull), 4096);
}

static void free_inside(void)
{
    lx_ram_free((char *)lx_ram_alloc(64, 16, ~0ull) + 8, 64);
}

static void free_foreign(void)
{
    static char x[64];
    lx_ram_free(x, 64);
}

static void at_exit_writes(void)
{
    if (write(1, "ok - exit functions run when the host gives up\n", 47) != 47)
        _exit(9);
}

static void fatal_with_handler(void)
{
    lx_at_exit(at_exit_writes);
    lx_fatal("test");
}

/* ---- mutex, condition, thread end ---------------------------------------------------------------------- */
static struct lx_mutex m;
static struct lx_cond c;
static volatile int done;
static unsigned long total;

static void adder(void *arg)
{
    for (int i = 0; i < 200000; i++) {
        lx_mutex_lock(&m);
        total++;
        lx_mutex_unlock(&m);
    }
    lx_mutex_lock(&m);
    done++;
    lx_cond_signal(&c);
    lx_mutex_unlock(&m);
    lx_thread_exit();
}

static void test_sync(void)
{
    for (int i = 0; i < 3; i++)
        lx_thread_start(adder, NULL, "adder");
    lx_mutex_lock(&m);
    while (done < 3)
        lx_cond_wait(&c, &m, -1);
    lx_mutex_unlock(&m);
    check(total == 600000, "mutex under contention");
    unsigned long long t = lx_time_ns();
    lx_mutex_lock(&m);
    int timed_out = lx_cond_wait(&c, &m, 20000000);
    lx_mutex_unlock(&m);
    check(timed_out && lx_time_ns() - t >= 20000000, "a condition times out, not before its time");
}

static volatile int hook_runs;
static void hook(void *local)
{
    hook_runs += local == &hook_runs;
}

static void local_setter(void *arg)
{
    lx_thread_set_local(lx_thread_self(), (void *)&hook_runs);
    done = 100;
}

static void test_exit_hook(void)
{
    lx_thread_on_exit(hook);
    lx_thread_start(local_setter, NULL, "local");
    while (done != 100)
        lx_sleep_ns(1000000);
    EVENTUALLY(hook_runs == 1 && lx_counter_value("threads.live") == 0);
    check(hook_runs == 1, "a thread's local pointer reaches the exit function");
    check(lx_counter_value("threads.live") == 0, "no thread counted as alive");
}

static const char *last = "";
static int sorted = 1;
static void see(void *ctx, const char *name, unsigned long value)
{
    sorted &= strcmp(last, name) <= 0;
    last = name;
}

int main(void)
{
    if (lx_ram_init(256ul << 20)) {
        printf("not ok - map 256 MB\n");
        return 1;
    }
    test_allocator();
    test_sync();
    test_exit_hook();
    check(dies(double_free_small), "second free of a small block is named");
    check(dies(double_free_large), "second free of a large block is named");
    check(dies(free_too_much), "free with a larger size is named");
    check(dies(free_inside), "free of a pointer inside a block is named");
    check(dies(free_foreign), "free of what was never allocated is named");
    check(dies(fatal_with_handler), "lx_fatal's status is 3");
    lx_counter_each(see, NULL);
    check(sorted, "counters come in name order");
    return failures != 0;
}
