# SPDX-License-Identifier: BSD-3-Clause
# Checks a zip for OpenCore against the rules of its Configuration manual (7.3 Add, 7.6 Force Properties): an entry has these keys and no others;
# paths are ASCII, exist, and are short enough; a kext stands after those it links against; kernel ranges of one identifier do not
# overlap on one architecture; what they link against is in the kernel cache or forced into it. argv[1]: the unpacked folder. Prints what is wrong; exit status 1 then.
import os, re, subprocess, sys

TYPES = {"Arch": str, "BundlePath": str, "Comment": str, "Enabled": bool, "ExecutablePath": str,
         "MaxKernel": str, "MinKernel": str, "PlistPath": str}
ARCHES = {"Any": ("i386", "x86_64"), "i386": ("i386",), "x86_64": ("x86_64",)}
FORCE_TYPES = dict(TYPES, Identifier=str)
CACHED = ("com.apple.iokit.IOPCIFamily",)  # OSBundleRequired Root, and every Mac starts through it: in any kernel cache
PATH_MAX = 128  # OC_STORAGE_SAFE_PATH_MAX
top = sys.argv[1]
wrong = []


def xml(path):
    """The tokens of a property list as libplist writes it: dict, /dict, key:..., string:..., true..."""
    text = subprocess.run(["plistutil", "-i", path, "-f", "xml", "-o", "-"], capture_output=True, check=True).stdout.decode()
    return re.findall(r"<(/?)(\w+)\s*(/?)>([^<]*)", text[text.index("<dict"):])


def parse(tokens):
    closing, kind, empty, text = tokens.pop(0)
    if kind == "dict":
        result = {}
        while not empty and tokens[0][:2] != ("/", "dict"):
            key = tokens.pop(0)[3]
            tokens.pop(0)
            result[key] = parse(tokens)
        if not empty:
            tokens.pop(0)
        return result
    if kind == "array":
        result = []
        while not empty and tokens[0][:2] != ("/", "array"):
            result.append(parse(tokens))
        if not empty:
            tokens.pop(0)
        return result
    if kind in ("true", "false"):
        return kind == "true"
    if not empty:
        tokens.pop(0)
    return int(text) if kind == "integer" else text


def check(good, text):
    if not good:
        wrong.append(text)


def kernel(version, otherwise):
    return [int(n) for n in version.split(".")] if version else otherwise


config = parse(xml(os.path.join(top, "config.plist")))["Kernel"]
entries, forced = config["Add"], config.get("Force", [])
check(len(entries) >= 2, "no entries")
for e in forced:
    path = e["BundlePath"]
    check({k: type(v) for k, v in e.items()} == FORCE_TYPES, path + ": keys or types")
    check(path == "System/Library/Extensions/%s.kext" % e["Identifier"].rpartition(".")[2], path + ": not the bundle of " + e["Identifier"])
    check((e["Arch"], e["Enabled"], e["MinKernel"], e["MaxKernel"]) == ("Any", True, "", "13.99.99"), path + ": not for all up to 10.9")
before = []
for e in entries:
    path = e["BundlePath"]
    check({k: type(v) for k, v in e.items()} == TYPES, path + ": keys or types")
    check(e["Arch"] in ARCHES, path + ": Arch")
    check(all(32 <= ord(c) < 127 for v in e.values() if isinstance(v, str) for c in v), path + ": not ASCII")
    bundle = os.path.join(top, "Kexts", path)
    executable, plist = os.path.join(bundle, e["ExecutablePath"]), os.path.join(bundle, e["PlistPath"])
    check(os.path.isfile(executable) and os.path.isfile(plist), path + ": executable or Info.plist is missing")
    check(len("EFI\\OC\\Kexts\\" + path + e["ExecutablePath"]) < PATH_MAX, path + ": too long")
    for v in (e["MinKernel"], e["MaxKernel"]):
        check(re.fullmatch(r"(\d+\.\d+\.\d+)?", v), path + ": kernel version " + v)
    info = parse(xml(plist))
    span = (kernel(e["MinKernel"], [0]), kernel(e["MaxKernel"], [99]))
    for library in info["OSBundleLibraries"]:
        if library.startswith("org.virtio-osx."):
            check(any(i == library and s == span and a == e["Arch"] for i, s, a in before), path + ": comes before " + library)
        elif not library.startswith("com.apple.kpi."):
            check(library in CACHED or any(library == f["Identifier"] for f in forced), path + ": " + library + " may not be in the kernel cache")
    for i, s, a in before:
        overlap = s[0] <= span[1] and span[0] <= s[1] and set(ARCHES[a]) & set(ARCHES[e["Arch"]])
        check(not (i == info["CFBundleIdentifier"] and overlap), path + ": twice for one kernel")
    before.append((info["CFBundleIdentifier"], span, e["Arch"]))
print("\n".join(wrong) or "%d entries" % len(entries))
sys.exit(bool(wrong))
