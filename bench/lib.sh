# SPDX-License-Identifier: BSD-3-Clause
# Sourced by ./run and bench/run: the kexts, and the shuttle, against an iperf3 server behind a tap. Uses RUN_DIR, seconds, say, fail
# and self (the script itself), which it calls for the parts that run inside kexthost.

iperf() { # NAME ARG...: a run of the client; prints and keeps the receiver's Gbit/s
    name=$1
    shift
    iperf3 -c 10.9.0.1 -t $seconds -f g "$@" >"$RUN_DIR/$name.txt" 2>&1 || {
        tail -n 3 "$RUN_DIR/$name.txt" >&2
        fail "iperf3 $name"
    }
    awk '/receiver/ {print $7}' "$RUN_DIR/$name.txt" | tail -n 1 >"$RUN_DIR/$name"
    say "   $name: $(cat "$RUN_DIR/$name") Gbit/s"
}

cpu_time() { build/kextctl counters | awk '/^process\./ {t += $2} END {print t}'; } # of kexthost and QEMU, microseconds

peers= # this side's processes, ended with it
end_peers() {
    status=$?
    trap - EXIT
    for pid in $peers; do kill "$pid" 2>/dev/null || true; done
    exit $status
}

# The peer's side: a tap with an address, and an iperf3 server, in the namespace that the script is in.
peer_up() {
    trap end_peers EXIT
    trap 'exit 130' INT TERM
    ip link set lo up
    ip tuntap add peer0 mode tap vnet_hdr
    ip addr add 10.9.0.1/24 dev peer0
    ip link set peer0 up
    iperf3 -s >/dev/null 2>&1 &
    peers=$!
}
peer_answers() { for _ in 1 2 3 4 5 6 7 8 9 10; do ping -c 1 -W 1 -q 10.9.0.1 >/dev/null 2>&1 && break; done; }
guest_up() {
    ip addr add 10.9.0.2/24 dev en0
    ip link set en0 up
    peer_answers
}

# kext_over_tap MODE DARWIN [DEVICE-OPTION]: the script's --in-guest-tap MODE on the kexts, over the peer's tap
kext_over_tap() {
    build/kexthost --darwin "$2" --kext build/kexts/VirtioFamily.kext --kext build/kexts/VirtioNet.kext \
        --netdev tap,id=n0,ifname=peer0,script=no,downscript=no --device "virtio-net-pci,netdev=n0${3:+,$3}" \
        -- "$self" --in-guest-tap "$1" 2>"$RUN_DIR/log-$1" || {
        tail -n 20 "$RUN_DIR/log-$1" >&2
        fail "traffic over the tap, $1"
    }
}

await() { # PID COMMAND...: until the command succeeds, as long as the process lives
    pid=$1
    shift
    until "$@"; do
        kill -0 "$pid" 2>/dev/null || fail "a part of the measurement ended early: $*"
        sleep 0.05
    done
}

shuttle_over_tap() { # offloads as the driver has them: checksum and TSO out, checksum in
    rm -f "$RUN_DIR/ns"
    unshare -n sh -c 'echo $$ >"$1"; exec sleep 600' sh "$RUN_DIR/ns" &
    holder=$!
    peers="$peers $holder"
    await $holder test -s "$RUN_DIR/ns"
    ns=/proc/$(cat "$RUN_DIR/ns")/ns/net
    nsenter --net="$ns" sh -c 'ip link set lo up; ip tuntap add en0 mode tap vnet_hdr; ip addr add 10.9.0.2/24 dev en0; ip link set en0 up'
    : >"$RUN_DIR/shuttle.out"
    build/shuttle -:peer0:csum "$ns":en0:csum+tso4 >"$RUN_DIR/shuttle.out" &
    shuttle=$!
    peers="$peers $shuttle"
    await $shuttle grep -q ready "$RUN_DIR/shuttle.out"
    nsenter --net="$ns" "$self" --in-shuttle
    kill $shuttle $holder
}
