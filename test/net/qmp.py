#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# qmp.py SOCKET COMMAND [JSON]: one command to QEMU's monitor; prints the reply's "return".
import json, socket, sys

s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
f = s.makefile("rw")
f.readline()


def ask(name, args):
    f.write(json.dumps({"execute": name, "arguments": args}) + "\n")
    f.flush()
    while True:
        reply = json.loads(f.readline())
        if "return" in reply or "error" in reply:
            return reply


ask("qmp_capabilities", {})
reply = ask(sys.argv[2], json.loads(sys.argv[3]) if len(sys.argv) > 3 else {})
if "error" in reply:
    sys.exit(reply["error"]["desc"])
print(json.dumps(reply["return"], sort_keys=True))
