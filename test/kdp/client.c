// SPDX-License-Identifier: BSD-3-Clause
/*
 * kdpgdb against packet exchanges written by hand from Apple's definitions (XNU osfmk/kdp/kdp_protocol.h, with the behaviour of
 * kdp.c and kdp_udp.c): a script of packets that must be sent, and what comes back. Nothing of our own server is used.
 */
#include "gdb/gdb.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ">HEX": this must be sent. "<HEX": this arrives. "-": a wait that nothing ends. */
static const char *const *script;
static int bad;

static size_t unhex(const char *hex, uint8_t *out)
{
    size_t n = 0;
    for (; *hex; hex++)
        if (*hex != ' ') {
            out[n++] = (uint8_t)(hex_digit(hex[0]) << 4 | hex_digit(hex[1]));
            hex++;
        }
    return n;
}

static int fake_send(void *ctx, const uint8_t *packet, size_t length)
{
    uint8_t want[KDP_PACKET_MAX];
    if (*script && **script == '>' && unhex(*script + 1, want) == length && !memcmp(want, packet, length)) {
        script++;
        return 0;
    }
    printf("# sent");
    for (size_t i = 0; i < length; i++)
        printf(" %02x", packet[i]);
    printf("\n# not %s\n", *script ? *script : "(nothing)");
    bad = 1;
    return -1;
}

static int fake_receive(void *ctx, uint8_t *packet, size_t size, int timeout_ms)
{
    uint8_t data[4096];
    if (!*script || **script == '>')
        return 0;
    if (**script == '-') {
        script++;
        return 0;
    }
    size_t n = unhex(*script++ + 1, data);
    memcpy(packet, data, n < size ? n : size);
    return (int)(n < size ? n : size);
}

static struct kdp k;
static struct gdb g;

static void check(const char *text, int good)
{
    printf("%sok - %s\n", good && !bad && !*script ? "" : "not ", text);
    bad = 0;
}

/* A machine that is connected, with the next request's number 5. */
static void machine(uint32_t version, enum gdb_arch arch)
{
    memset(&k, 0, sizeof k);
    k.link = (struct kdp_link){fake_send, fake_receive, NULL, 0xa0b4};
    k.key = 0x11223344;
    k.seq = 5;
    k.connected = true;
    k.cpus = 3;
    k.version = version;
    k.features = KDP_FEATURE_BP;
    k.max_bytes = 1024;
    g = (struct gdb){.kdp = &k, .arch = arch};
}

#define PLAY(...) (script = (const char *const[]){__VA_ARGS__, NULL})
#define CONNECT ">00 00 13 00 44332211 a0b4 a0b4 6b647067646200"
#define LEARN                                                                                                            \
    ">02 01 08 00 44332211", "<82 01 14 00 44332211 03000000 07000001 03000000", ">03 02 08 00 44332211",                 \
        "<83 02 18 00 44332211 0c000000 01000000 00000000 00000000", ">04 03 08 00 44332211",                             \
        "<84 03 0c 00 44332211 00040000", ">18 04 08 00 44332211",                                                         \
        "<98 04 10 00 44332211 44617277696e00 00"

static void test_sessions(void)
{
    machine(12, GDB_X86_64);
    PLAY(CONNECT, "<80 00 0c 00 44332211 00000000", LEARN);
    check("connect: ports in network order, number 0, then what the machine is",
          kdp_connect(&k, 0x11223344) == 0 && k.cpus == 3 && k.cpu_type == KDP_CPU_X86_64 && k.version == 12 &&
              k.features == 1 && k.max_bytes == 1024 && !strcmp(k.kernel, "Darwin") && k.connected);

    machine(12, GDB_X86_64);
    PLAY(CONNECT, "<80 00 0c 00 44332211 01000000", ">12 01 0a 00 44332211 a0b4", "<92 01 08 00 44332211", CONNECT,
         "<80 00 0c 00 44332211 00000000", LEARN);
    check("a lost client's session is taken over: REATTACH, CONNECT", kdp_connect(&k, 0x11223344) == 0);

    machine(12, GDB_X86_64);
    PLAY(">01 05 08 00 44332211", "<81 05 08 00 44332211");
    check("disconnect", kdp_disconnect(&k) == 0 && !k.connected);
    machine(12, GDB_X86_64);
    PLAY(">13 05 08 00 44332211");
    check("restart: no reply comes", kdp_reboot(&k) == 0);

    machine(12, GDB_X86_64);
    k.tries = 3;
    PLAY(CONNECT, "-", CONNECT, "-", CONNECT, "-");
    check("no machine: as many tries as told, then a time-out", kdp_connect(&k, 0x11223344) == KDP_ETIMEOUT);
}

static void test_memory(void)
{
    uint8_t data[8] = {0};
    machine(12, GDB_X86_64);
    PLAY(">14 05 14 00 44332211 00102000 80ffffff 04000000", "<94 05 10 00 44332211 00000000 de ad be ef");
    check("64-bit read", kdp_read(&k, 0xffffff8000201000, data, 4) == 4 && !memcmp(data, "\xde\xad\xbe\xef", 4));
    machine(12, GDB_X86_64);
    PLAY(">14 05 14 00 44332211 00102000 80ffffff 08000000", "<94 05 0e 00 44332211 00000000 de ad");
    check("a page that is not there: the bytes before it", kdp_read(&k, 0xffffff8000201000, data, 8) == 2);
    machine(10, GDB_I386);
    PLAY(">05 05 10 00 44332211 00102000 02000000", "<85 05 0e 00 44332211 00000000 55 89", ">06 06 12 00 44332211 00102000 "
         "02000000 90 90", "<86 06 0c 00 44332211 00000000");
    check("before version 11: 32-bit read and write",
          kdp_read(&k, 0x201000, data, 2) == 2 && data[0] == 0x55 && kdp_write(&k, 0x201000, (uint8_t *)"\x90\x90", 2) == 0);
    machine(10, GDB_I386);
    PLAY(NULL);
    check("before version 11: no address above 4 GB is sent", kdp_read(&k, 0xfffffffe, data, 8) < 0);
    machine(12, GDB_X86_64);
    PLAY(">15 05 15 00 44332211 00102000 80ffffff 01000000 cc", "<95 05 0c 00 44332211 02000000");
    check("64-bit write, refused by the machine", kdp_write(&k, 0xffffff8000201000, (uint8_t *)"\xcc", 1) == 2);
    machine(12, GDB_X86_64);
    PLAY(">16 05 10 00 44332211 00102000 80ffffff", "<96 05 0c 00 44332211 66000000",
         ">17 06 10 00 44332211 00102000 80ffffff", "<97 06 0c 00 44332211 65000000");
    check("breakpoints: set twice is set, removed twice is an error",
          kdp_breakpoint(&k, 0xffffff8000201000, true) == 0 &&
              kdp_breakpoint(&k, 0xffffff8000201000, false) == KDPERR_BREAKPOINT_NOT_FOUND);
    machine(10, GDB_I386);
    PLAY(">0f 05 0c 00 44332211 00102000", "<8f 05 0c 00 44332211 64000000");
    check("breakpoints before version 11; all taken", kdp_breakpoint(&k, 0x201000, true) == KDPERR_MAX_BREAKPOINTS);
}

static void test_loss(void)
{
    uint8_t data[2];
#define READ ">14 05 14 00 44332211 00100000 00000000 02000000"
#define GOOD "<94 05 0e 00 44332211 00000000 12 34"
    machine(12, GDB_X86_64);
    PLAY(READ, "-", READ, GOOD);
    check("a lost packet is sent again with its number", kdp_read(&k, 0x1000, data, 2) == 2 && k.seq == 6);
    machine(12, GDB_X86_64);
    PLAY(READ, "<94 04 0e 00 44332211 00000000 ff ff", GOOD);
    check("an old reply is passed over", kdp_read(&k, 0x1000, data, 2) == 2 && data[0] == 0x12);
    machine(12, GDB_X86_64);
    PLAY(READ, "<87 05 0e 00 44332211 00000000 ff ff", GOOD);
    check("a reply to another request is passed over", kdp_read(&k, 0x1000, data, 2) == 2 && data[0] == 0x12);
    machine(12, GDB_X86_64);
    PLAY(READ, "<94", "<94 05 0e 00 4433", "<94 05 ff ff 44332211 00000000 ff ff", GOOD);
    check("packets shorter than a header, and lengths that are not theirs, are passed over",
          kdp_read(&k, 0x1000, data, 2) == 2 && data[0] == 0x12);
    machine(12, GDB_X86_64);
    PLAY(READ, "<94 05 08 00 44332211");
    check("a reply without its error number is an error", kdp_read(&k, 0x1000, data, 2) == KDP_EREPLY);
    machine(12, GDB_X86_64);
    PLAY(READ, "<94 05 10 00 44332211 00000000 12 34 56 78");
    check("more data than asked for is an error", kdp_read(&k, 0x1000, data, 2) == KDP_EREPLY);
    machine(12, GDB_X86_64);
    k.seq = 255;
    PLAY(">14 ff 14 00 44332211 00100000 00000000 02000000", "<94 ff 0e 00 44332211 00000000 12 34",
         ">14 00 14 00 44332211 00100000 00000000 02000000", "<94 00 0e 00 44332211 00000000 12 34");
    check("255 is followed by 0", kdp_read(&k, 0x1000, data, 2) == 2 && kdp_read(&k, 0x1000, data, 2) == 2);
}

#define STOP(seq) "<0d " seq " 1c 00 00000000 01000000 00000000 06000000 02000000 00000000"
#define ACK(seq) ">8d " seq " 08 00 44332211"
#define RESUME ">0c 05 0c 00 44332211 03000000"

static void test_running(void)
{
    machine(12, GDB_X86_64);
    PLAY(RESUME, "<8c 05 08 00 44332211", STOP("00"), ACK("00"), STOP("00"), ACK("00"));
    int resumed = kdp_resume(&k), first = kdp_wait(&k, 1), second = kdp_wait(&k, 1);
    check("an exception is acknowledged each time and tells of one stop",
          !resumed && first == 1 && second == 0 && !k.running && k.exception == 6 && k.code == 2 && k.exception_seq == 1);
    machine(12, GDB_X86_64);
    PLAY(RESUME, STOP("00"), ACK("00"));
    check("an exception in place of the lost reply to RESUMECPUS",
          kdp_resume(&k) == 0 && !k.running && k.exception_seq == 1 && k.seq == 6);
    machine(12, GDB_X86_64);
    PLAY(RESUME, "-", RESUME, "-", RESUME, "-", RESUME, "-");
    check("a lost reply to RESUMECPUS: it runs", kdp_resume(&k) == 0 && k.running && k.seq == 6);
    PLAY(STOP("07"));
    check("an exception with a strange number is passed over", kdp_wait(&k, 1) == 0 && k.running);
    PLAY("<0d 00 0c 00 00000000 00000000");
    check("an exception without contents is passed over", kdp_wait(&k, 1) == 0 && k.running);
    PLAY(NULL);
    uint8_t byte;
    check("nothing is asked of a running machine", kdp_read(&k, 0, &byte, 1) == KDP_ERUNNING);
}

/* ---- gdb's side ---- */

static char reply[GDB_PACKET_MAX];
static enum gdb_next ask(const char *packet)
{
    static char text[GDB_PACKET_MAX + 1];
    size_t out;
    strcpy(text, packet);
    enum gdb_next next = gdb_command(&g, text, strlen(text), reply, &out);
    reply[out] = 0;
    return next;
}
static int answers(const char *packet, const char *begins)
{
    ask(packet);
    return !strncmp(reply, begins, strlen(begins)) && (*begins || !*reply);
}

#define ZEROS "0000000000000000"
/* rax..rsp r8..r15 rip rflags cs fs gs: x86_thread_state64_t */
#define STATE64 "0100000000000000 0200000000000000 0300000000000000 0400000000000000 0500000000000000 0600000000000000"  \
    "0700000000000000 0800000000000000" ZEROS ZEROS ZEROS ZEROS ZEROS ZEROS ZEROS "0f00000000000000"                       \
    "0010200080ffffff 0602000000000000 0800000000000000" ZEROS "0f00000000000000"
#define STATE64_STEP "0100000000000000 0200000000000000 0300000000000000 0400000000000000 0500000000000000 0600000000000000" \
    "0700000000000000 0800000000000000" ZEROS ZEROS ZEROS ZEROS ZEROS ZEROS ZEROS "0f00000000000000"                       \
    "0010200080ffffff 0603000000000000 0800000000000000" ZEROS "0f00000000000000"
#define READREGS(seq, flavour) ">07 " seq " 10 00 44332211 00000000 " flavour
/* eax ebx ecx edx edi esi ebp esp ss eflags eip cs ds es fs gs: x86_thread_state32_t */
#define STATE32 "01000000 02000000 03000000 04000000 05000000 06000000 07000000 08000000 10000000 46020000 00102000"      \
    "08000000 18000000 20000000 28000000 48000000"

static void test_registers(void)
{
    machine(12, GDB_X86_64);
    PLAY(READREGS("05", "04000000"), "<87 05 b4 00 44332211 00000000" STATE64);
    int all = answers("g", "0100000000000000" "0200000000000000" "0300000000000000" "0400000000000000"
                           "0600000000000000" "0500000000000000" "0700000000000000" "0800000000000000");
    check("g: x86_64 registers in gdb's order; later ones come from the same read",
          all && !strncmp(reply + 16 * 16, "0010200080ffffff0602000008000000xxxxxxxx", 40) &&
              strlen(reply) == 2 * (17 * 8 + 7 * 4 + 80 + 32 + 256 + 4) && answers("p10", "0010200080ffffff") &&
              answers("p17", "0f000000") && answers("p99", "E"));
    machine(12, GDB_I386);
    PLAY(READREGS("05", "01000000"), "<87 05 4c 00 44332211 00000000" STATE32);
    check("g: i386 registers", answers("g", "01000000" "03000000" "04000000" "02000000" "08000000" "07000000" "06000000"
                                            "05000000" "00102000" "46020000" "08000000" "10000000" "18000000"));
    machine(12, GDB_X86_64);
    PLAY(READREGS("05", "04000000"), "<87 05 b4 00 44332211 00000000" STATE64,
         ">08 06 b8 00 44332211 00000000 04000000"
         "0100000000000000 0200000000000000 0300000000000000 0400000000000000 0500000000000000 0600000000000000"
         "0700000000000000 0800000000000000" ZEROS ZEROS ZEROS ZEROS ZEROS ZEROS ZEROS "0f00000000000000"
         "ff0f200080ffffff 0602000000000000 0800000000000000" ZEROS "0f00000000000000",
         "<88 06 0c 00 44332211 00000000");
    check("P writes one register into the whole state", answers("P10=ff0f200080ffffff", "OK"));
    machine(12, GDB_X86_64);
    PLAY(READREGS("05", "04000000"), "<87 05 0c 00 44332211 03000000");
    check("a wrong flavour is an error", answers("g", "E03"));
    machine(12, GDB_X86_64);
    PLAY(READREGS("05", "04000000"), "<87 05 10 00 44332211 00000000 01000000");
    check("a state that is too short is an error", answers("g", "E03"));
    check("target.xml names both architectures", strstr(registers_target_xml(GDB_I386), "<architecture>i386</") &&
                                                     strstr(registers_target_xml(GDB_X86_64), "\"xmm15\""));
}

static void test_commands(void)
{
    machine(12, GDB_X86_64);
    PLAY(READREGS("05", "04000000"), "<87 05 b4 00 44332211 00000000" STATE64,
         ">08 06 b8 00 44332211 00000000 04000000" STATE64_STEP, "<88 06 0c 00 44332211 00000000",
         ">0c 07 0c 00 44332211 03000000", "<8c 07 08 00 44332211");
    check("vCont;s: the trap flag is set, then it runs", ask("vCont;s:1;c") == GDB_RUNS && k.running);
    k.running = false;
    PLAY(READREGS("08", "04000000"), "<87 08 b4 00 44332211 00000000" STATE64_STEP,
         ">08 09 b8 00 44332211 00000000 04000000" STATE64, "<88 09 0c 00 44332211 00000000",
         ">0c 0a 0c 00 44332211 03000000", "<8c 0a 08 00 44332211");
    check("c: the trap flag is cleared, then it runs", ask("c") == GDB_RUNS);
    machine(12, GDB_X86_64);
    PLAY(">14 05 14 00 44332211 00102000 80ffffff 02000000", "<94 05 0e 00 44332211 00000000 55 48",
         ">15 06 16 00 44332211 00102000 80ffffff 02000000 90 cc", "<95 06 0c 00 44332211 00000000");
    check("m and M", answers("mffffff8000201000,2", "5548") && answers("Mffffff8000201000,2:90cc", "OK"));
    machine(12, GDB_X86_64);
    PLAY(">16 05 10 00 44332211 00102000 80ffffff", "<96 05 0c 00 44332211 00000000", ">17 06 10 00 44332211 00102000 80ffffff",
         "<97 06 0c 00 44332211 00000000");
    check("Z0 and z0; no other kind", answers("Z0,ffffff8000201000,1", "OK") && answers("z0,ffffff8000201000,1", "OK") &&
                                          answers("Z2,ffffff8000201000,1", ""));
    k.features = 0;
    PLAY(NULL);
    check("without the machine's breakpoints gdb writes its own", answers("Z0,1000,1", ""));
    check("wrong commands", answers("m,2", "E16") && answers("m1000", "E16") && answers("M1000,2:90", "E16") &&
                                answers("M1000,1:zz", "E16") && answers("X1000,5:ab", "E16") && answers("vCont;", "E16") &&
                                answers("m11111111111111111,2", "E16") && answers("!", "") && answers("", ""));
    check("queries", answers("qSupported:x", "PacketSize=4000;") && answers("qAttached", "1") && answers("?", "T05thread:1;") &&
                         answers("qXfer:features:read:target.xml:0,10", "m<?xml") &&
                         answers("qXfer:features:read:target.xml:ffff,10", "l") && answers("Hg0", "OK"));
    k.exception = 1;
    check("EXC_BAD_ACCESS is SIGSEGV", answers("?", "T0b"));
    PLAY(">01 07 08 00 44332211", "<81 07 08 00 44332211");
    check("D disconnects", ask("D") == GDB_ENDS && !strcmp(reply, "OK"));
}

static void test_stops(void)
{
#define STATE64_BEHIND "0100000000000000 0200000000000000 0300000000000000 0400000000000000 0500000000000000 0600000000000000" \
    "0700000000000000 0800000000000000" ZEROS ZEROS ZEROS ZEROS ZEROS ZEROS ZEROS "0f00000000000000"                       \
    "0110200080ffffff 0602000000000000 0800000000000000" ZEROS "0f00000000000000"
    machine(12, GDB_X86_64);
    k.exception = KDP_EXC_BREAKPOINT;
    PLAY(">16 05 10 00 44332211 00102000 80ffffff", "<96 05 0c 00 44332211 00000000",
         READREGS("06", "04000000"), "<87 06 b4 00 44332211 00000000" STATE64_BEHIND,
         ">08 07 b8 00 44332211 00000000 04000000" STATE64, "<88 07 0c 00 44332211 00000000");
    check("behind a breakpoint that was hit: its own address, once",
          answers("qSupported:xmlRegisters=i386", "PacketSize") && !strstr(reply, "swbreak") &&
              answers("Z0,ffffff8000201000,1", "OK") && answers("?", "T05thread:1;") && answers("p10", "0010200080ffffff") &&
              answers("?", "T05thread:1;"));
    machine(12, GDB_X86_64);
    k.exception = KDP_EXC_BREAKPOINT;
    PLAY(">16 05 10 00 44332211 00102000 80ffffff", "<96 05 0c 00 44332211 00000000",
         READREGS("06", "04000000"), "<87 06 b4 00 44332211 00000000" STATE64_BEHIND,
         ">08 07 b8 00 44332211 00000000 04000000" STATE64, "<88 07 0c 00 44332211 00000000");
    check("gdb that wants to know is told", answers("qSupported:multiprocess+;swbreak+", "PacketSize") && strstr(reply, ";swbreak+") &&
                                                answers("Z0,ffffff8000201000,1", "OK") && answers("?", "T05swbreak:;thread:1;"));
    machine(12, GDB_X86_64);
    k.exception = KDP_EXC_BREAKPOINT;
    PLAY(">16 05 10 00 44332211 00102000 80ffffff", "<96 05 0c 00 44332211 00000000",
         READREGS("06", "04000000"), "<87 06 b4 00 44332211 00000000" STATE64);
    check("an int3 of the kernel's own is left as it is",
          answers("qSupported:swbreak+", "PacketSize") && answers("Z0,ffffff8000201000,1", "OK") && answers("?", "T05thread:1;"));
    machine(12, GDB_X86_64);
    PLAY(NULL);
    check("lldb: the processor, and no setting that is not kept",
          answers("QStartNoAckMode", "OK") && answers("QThreadSuffixSupported", "") && answers("QListThreadsInStopReply", "") &&
              answers("qHostInfo", "cputype:16777223;cpusubtype:3;ostype:macosx;vendor:apple;endian:little;ptrsize:8;"));
}

static int feed(const char *bytes, size_t n)
{
    static struct gdb_framing f;
    int got = GDB_NOTHING;
    memset(&f, 0, sizeof f);
    for (size_t i = 0; i < n && got == GDB_NOTHING; i++)
        got = gdb_feed(&f, (uint8_t)bytes[i]);
    return got;
}

static void test_framing(void)
{
    char frame[64];
    size_t n = gdb_frame("a}#", 3, frame);
    PLAY(NULL);
    check("framing: escapes and sum", n == 9 && !memcmp(frame, "$a}]}\x03#bb", 9) && feed(frame, n) == 3);
    check("framing: acks skipped, ^C, wrong sum, wrong digits",
          feed("++$OK#9a", 8) == 2 && feed("\003", 1) == GDB_BREAK && feed("$OK#9b", 6) == GDB_DAMAGED &&
              feed("$OK#zz", 6) == GDB_DAMAGED && feed("$OK#9", 5) == GDB_NOTHING);
}

int main(void)
{
    setbuf(stdout, NULL);
    test_sessions();
    test_memory();
    test_loss();
    test_running();
    test_registers();
    test_commands();
    test_stops();
    test_framing();
    return 0;
}
