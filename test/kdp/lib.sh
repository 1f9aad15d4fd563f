# SPDX-License-Identifier: BSD-3-Clause
# Sourced by the sessions: a kexthost whose KDP port is forwarded by QEMU's user network, kdpgdb, and stock gdb in batch mode.
# kexthost's COMMAND has a network of its own and gdb is outside it, so they meet by files in $scratch.
. "$(dirname "$0")/../lib.sh"
kdpgdb=$build/kdpgdb
# KEXT_ARCH=i386: the same with the 32-bit host, where a kext's text begins behind its header's page
arch=${KEXT_ARCH:-x86_64} pc=rip sp=rsp magic=0xfeedfacf header_size=0 testkexts=$build/test/kexts
[ $arch = x86_64 ] || kexthost=$kexthost32 pc=eip sp=esp magic=0xfeedface header_size=4096 testkexts=$build/test/kexts32
need_gdb() {
    command -v gdb >/dev/null && return
    skip "a session with gdb" "gdb is not installed"
    finish
}

# boot SCRIPT ARGUMENT...: kexthost in the background with SCRIPT as COMMAND; $debug is the boot-arg of that name
udp=$((20000 + $$ * 2 % 12000)) # below those that the kernel gives to clients; a session may use the next one too
while ss -Hlun | grep -qE ":($udp|$((udp + 1))) "; do udp=$((udp + 2)); done
debug=0x144
boot() {
    script=$1
    shift
    rm -f "$scratch/go" "$scratch/list" "$scratch/log" "$scratch/after.status" "$scratch/unload.status"
    : >"$scratch/log"
    {
        echo "PATH=$build:\$PATH; cd $scratch"
        echo 'await() { n=0; while [ ! -e "$1" ] && [ $n -lt 1200 ]; do sleep 0.1; n=$((n + 1)); done; }'
        echo "$script"
    } >"$scratch/command"
    timeout -k 5 240 "$kexthost" --kext "$family" --kext "$net" --boot-args "debug=$debug $boot_args" \
        --device virtio-net-pci,netdev=n0,id=card0 --netdev "user,id=n0,hostfwd=udp:127.0.0.1:$udp-:41139" "$@" \
        -- sh "$scratch/command" >"$scratch/log" 2>&1 &
    machine=$!
    background="$background $machine"
}
# the driver starts the device again after the debugger; sent by sh, in the machine
normal='ping -c 3 -i 0.2 -w 30 10.0.2.2 >after; echo $? >after.status'
network='ip addr add 10.0.2.15/24 dev en0; ip link set en0 up; ping -c 1 -w 60 10.0.2.2 >before || exit 90'
# start_machine SCRIPT ARGUMENT...: the same; the network is up before SCRIPT
start_machine() {
    script="$network
kextctl list >list
$1"
    shift
    boot "$script" "$@"
}
# logged TEXT: waits until the machine's log has it
logged() {
    n=0
    until grep -q -- "$1" "$scratch/log" || [ $n -gt 600 ]; do
        sleep 0.1
        n=$((n + 1))
    done
    grep -q -- "$1" "$scratch/log"
}
# attach [SECONDS [PORT]]: a debugger connects and goes again, without gdb; its output in $scratch/kdpgdb
attach() {
    : >"$scratch/kdpgdb" # here: what the last one said must not be taken for this one's
    timeout 50 "$kdpgdb" --wait "${1:-40}" --listen 0 "127.0.0.1:${2:-$udp}" >"$scratch/kdpgdb" 2>&1 &
    bridge=$!
    background="$background $bridge"
    n=0
    until grep -q 'target remote' "$scratch/kdpgdb" || ! kill -0 $bridge 2>/dev/null || [ $n -gt 450 ]; do
        sleep 0.1
        n=$((n + 1))
    done
    kill $bridge 2>/dev/null # which lets the machine run on
    wait $bridge
    grep -q 'target remote' "$scratch/kdpgdb" || { cat "$scratch/kdpgdb"; tail -n 8 "$scratch/log"; false; }
}
await() {
    n=0
    while [ ! -e "$1" ] && [ $n -lt 1200 ]; do
        sleep 0.1
        n=$((n + 1))
    done
}
# session GDB-COMMAND...: connects when the machine waits, runs gdb; its output in $scratch/gdb
session() {
    logged 'waiting for a remote debugger'
    : >"$scratch/kdpgdb"
    "$kdpgdb" --wait 40 --listen 0 127.0.0.1:$udp >"$scratch/kdpgdb" 2>&1 &
    bridge=$!
    background="$background $bridge"
    n=0
    until grep -q 'target remote' "$scratch/kdpgdb" || ! kill -0 $bridge 2>/dev/null || [ $n -gt 600 ]; do
        sleep 0.1
        n=$((n + 1))
    done
    tcp=$(sed -n 's/.*target remote ://p' "$scratch/kdpgdb")
    {
        echo "target remote 127.0.0.1:$tcp"
        printf '%s\n' "$@"
    } >"$scratch/commands"
    timeout 150 gdb -nx -q -batch -x "$scratch/commands" >"$scratch/gdb" 2>&1
    wait $bridge
    bridge_status=$?
}
# address KEXT SYMBOL-REGEX: where the running machine has it
address() {
    base=$(awk -v k="$1" '$1 == k { print $3 }' "$scratch/list")
    offset=$(llvm-nm --arch=$arch "$build/kexts/${1##*.}.kext/Contents/MacOS/${1##*.}" | awk -v s="^$2\$" '$3 ~ s { print $1; exit }')
    printf '0x%x' $((base + header_size + 0x$offset))
}
said() { grep -qE -- "$1" "$scratch/$2" || { cat "$scratch/$2"; false; }; }
ended() { # STATUS
    wait $machine
    got=$?
    [ $got -eq "$1" ] || { echo "kexthost ended with $got"; cat "$scratch/log"; false; }
}
