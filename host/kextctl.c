// SPDX-License-Identifier: BSD-3-Clause
/*
 * kextctl: says one command to the kexthost around it (socket in KEXTCTL_SOCKET) and prints the answer. Exit 0; 1 when
 * kexthost refused (its reason on stderr); 2 for a wrong command line or no kexthost.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static const char help[] =
    "usage: kextctl COMMAND [ARG]...\n"
    "  list                  kexts: identifier, version, address, size, references\n"
    "  load ID | unload ID   one kext by its identifier (unload leaves it known to load)\n"
    "  link ID up|down       the cable of a network device or back end, by QEMU's id\n"
    "  plug DEVICE           add a device, as QEMU's -device spells it; netdev NETDEV before it\n"
    "  netdev NETDEV\n"
    "  unplug ID             take a device out: its driver is stopped first\n"
    "  yank ID               the same without telling the driver before (surprise removal)\n"
    "  qmp JSON              a command of QEMU's monitor\n"
    "  poke ADDRESS HEX      these bytes into the machine's memory, as a device with a fault would\n"
    "  doorbells lost|heard  whether the devices hear virtio's doorbells\n"
    "  interrupts held|heard whether the drivers hear interrupts now or later\n"
    "  vectors refused|taken whether virtio devices take the MSI-X vectors they are given\n"
    "  sleep | wake          the whole machine\n"
    "  powerdown             press the power button\n"
    "  debugger              enter the kernel debugger\n"
    "  mbufs SHAPE           the chains in which drivers get frames, as kexthost --mbufs\n"
    "  counters | ioreg      what --stats and --ioreg print, now\n";

static int refuse(const char *what, const char *why)
{
    fprintf(stderr, "kextctl: %s: %s\n", what, why);
    return 2;
}

static int answer(FILE *stream)
{
    char line[4096];
    while (fgets(line, sizeof line, stream)) {
        if (!strcmp(line, "ok\n"))
            return 0;
        if (!strncmp(line, "error: ", 7)) {
            fprintf(stderr, "kextctl: %s", line + 7);
            return 1;
        }
        fputs(line[0] == ' ' ? line + 1 : line, stdout); /* text lines carry one leading blank */
    }
    return refuse("kexthost", "it ended before it answered");
}

int main(int argc, char **argv)
{
    const char *path = getenv("KEXTCTL_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (argc < 2 || !strcmp(argv[1], "--help")) {
        fputs(help, argc < 2 ? stderr : stdout);
        return argc < 2 ? 2 : 0;
    }
    if (!path || strlen(path) >= sizeof address.sun_path)
        return refuse("KEXTCTL_SOCKET", "not set: run kextctl inside the COMMAND of a kexthost");
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address))
        return refuse(path, strerror(errno));
    FILE *stream = fdopen(fd, "r+");
    for (int i = 1; i < argc; i++)
        fprintf(stream, "%s%s", i > 1 ? " " : "", argv[i]);
    fputc('\n', stream);
    fflush(stream);
    return answer(stream);
}
