# SPDX-License-Identifier: BSD-3-Clause
# Sourced by the life tests after ../lib.sh: kexthost beside a peer, each in a network of its own, a tap between them.
traffic=$top/test/life/traffic.py
port=7000
export PYTHONDONTWRITEBYTECODE=1
most() { if [ "${LONG:-}" ]; then echo "$2"; else echo "$1"; fi; } # FEW MANY: what is done in ./check, and in ./check --long
id=org.virtio-osx.driver.VirtioNet
[ "$(id -u)" = 0 ] && space="unshare -n" || space="unshare -Urn"

# What runs around kexthost: the taps peer0, peer1... with 10.9.N.1, and a peer on each. Told to end, it ends all of them; a
# shell hears that only while it waits for something in the background.
cat >"$scratch/around" <<'E2'
taps=$1 traffic=$2 port=$3 scratch=$4 host=
shift 4
trap 'kill $host $peers 2>/dev/null; wait $host; exit 143' TERM INT HUP
ip link set lo up
n=0
while [ $n -lt $taps ]; do
    ip tuntap add peer$n mode tap vnet_hdr
    ip addr add 10.9.$n.1/24 dev peer$n
    sysctl -q -w net.ipv4.neigh.peer$n.retrans_time_ms=100 2>/dev/null # a lost first request for the address costs no second
    ip link set peer$n up
    python3 "$traffic" serve 10.9.$n.1 $port >"$scratch/peer$n" 2>&1 &
    peers="$peers $!"
    n=$((n + 1))
done
n=0
while [ $n -lt $taps ]; do
    tries=0
    until grep -q ready "$scratch/peer$n"; do
        tries=$((tries + 1))
        [ $tries -le 400 ] || { echo "peer$n is not ready" >&2; kill $peers; exit 1; }
        sleep 0.05
    done
    n=$((n + 1))
done
"$@" &
host=$!
wait $host
status=$?
kill $peers
exit $status
E2

# What every script has: the shape of its world, and words for what it does.
cat >"$scratch/words" <<E3
set -e
kextctl=$kextctl traffic=$traffic port=$port id=$id scratch=$scratch top=$top
E3
cat >>"$scratch/words" <<'E3'
address() { # [N]: en0 with its address, up
    n=${1:-0}
    sysctl -q -w net.ipv4.neigh.en$n.retrans_time_ms=100 2>/dev/null || true
    ip addr replace 10.9.$n.2/24 dev en$n && ip link set en$n up
}
run() { python3 $traffic run 10.9.${2:-0}.1 $port $1 $scratch/enough; } # SECONDS [N]: bytes both ways, checked; less once there is that file
answers() { # [N]; without a route ping returns at once
    end=$(($(date +%s) + 30))
    until ping -c 1 -W 1 -q 10.9.${1:-0}.1 >/dev/null 2>&1; do
        [ "$(date +%s)" -lt $end ] || { echo "10.9.${1:-0}.1 does not answer"; return 1; }
        sleep 0.2
    done
}
until_so() { # SECONDS COMMAND...: until it succeeds
    last=$(($(date +%s) + $1))
    shift
    until "$@"; do
        [ "$(date +%s)" -lt $last ] || { echo "not in time: $*"; return 1; }
        sleep 0.1
    done
}
carrier() { ip link show en0 | grep -q "$1"; } # NO-CARRIER or LOWER_UP
no_ipv6() { sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1; } # what it sends and joins comes at times of its own
flood() { ping -q -f -s ${1:-1400} -w ${2:-30} 10.9.0.1 >/dev/null 2>&1 & flood=$!; } # [SIZE [SECONDS]]
calm() { kill $flood 2>/dev/null || true; wait $flood 2>/dev/null || true; }
gone() { ! ip link show en${1:-0} 2>/dev/null; }
E3

# A virtio card on tap N as kexthost's options; more of -device's options behind it. Behind a root port on q35, so that it
# can be unplugged; on pc any slot will do.
card() { echo "--netdev tap,id=n$1,ifname=peer$1,script=no,downscript=no --device virtio-net-pci,netdev=n$1,id=nic$1$2"; }

# Words of the log that no run may have, however rough it was.
log_is_clean() {
    ! grep -nE 'kexthost: leak|crash in kernel|panic|outlived|its buffers are lost' "$scratch/log" || return 1
    lines=$(wc -l <"$scratch/log")
    [ "$lines" -le "${log_lines:-400}" ] || { echo "a flood: $lines lines of log"; tail -n 5 "$scratch/log"; return 1; }
    ! grep -h '^peer:' "$scratch"/peer* || return 1
}

# around TAPS COMMAND...: in networks of their own; a signal to the test ends it.
around() {
    taps=$1
    shift
    $space sh "$scratch/around" "$taps" "$traffic" $port "$scratch" "$@" &
    background=$!
    wait $background
    status=$?
    background=
    return $status
}

# life TEXT PROFILE MACHINE TAPS "OPTIONS" SCRIPT: the script as COMMAND must succeed, and what it leaves be clean
life() {
    rm -f "$scratch/enough"
    { cat "$scratch/words"; printf '%s\n' "$6"; } >"$scratch/script"
    if ! around "$4" timeout -k 5 "${limit:-120}" "$kexthost" --darwin "$2" --machine "$3" \
        --kext "$family" --kext "$net" $5 --stats="$scratch/stats" -- sh "$scratch/script" >"$scratch/out" 2>"$scratch/log"; then
        not_ok "$1"
        tail -n 12 "$scratch/out" "$scratch/log" | sed 's/^/  # /'
    elif ! log_is_clean >"$scratch/dirt"; then
        not_ok "$1: the log"
        sed 's/^/  # /' "$scratch/dirt"
    elif [ "$(sed -n 's/^interrupts.late[= ]*//p' "$scratch/stats")" != 0 ]; then # kexthost's own fault
        not_ok "$1: interrupts came late"
    else
        ok "$1"
    fi
}
# The option that lets a card go: on q35 only what stands behind the root port can.
slot_of() { case $1 in q35) echo ,bus=slot0 ;; esac; }
