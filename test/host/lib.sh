# SPDX-License-Identifier: BSD-3-Clause
# Sourced by test/host/*.test: runs kexthost with a kext of test/kexts (build/test/kexts/NAME.kext) and turns the report
# that the kext makes in the kernel log ("PROBE ok - TEXT", test/kexts/common/report.h) into TAP lines.
. "$(dirname "$0")/../lib.sh"
kexts=$build/test/kexts
# KEXT_ARCH=i386: the same on the 32-bit host
wide=1
if [ "${KEXT_ARCH:-}" = i386 ]; then
    kexthost=$kexthost32 kexts=$build/test/kexts32 wide=0
fi

# report GROUP COUNT: the lines of the group in $scratch/log, which must be COUNT
report() {
    sed -n -e "s/^PROBE \(ok\|not ok\) - $1: /\1 - $about$1: /p" -e "s/^PROBE # $1: /# /p" "$scratch/log"
    got=$(grep -cE "^PROBE (not )?ok - $1: " "$scratch/log")
    grep -qE "^PROBE not ok - $1: " "$scratch/log" && bad=1
    if [ "$got" = "$2" ] && grep -q "^PROBE done $1 " "$scratch/log"; then
        ok "$about$1: all $2 checks ran"
    else
        not_ok "$about$1: $got checks ran, not $2"
        tail -n 15 "$scratch/log" | sed 's/^/  # /'
    fi
}
# host ARGUMENT...: kexthost with COMMAND true unless one is given; exit status 0 and nothing left over
host() {
    case " $* " in *' -- '*) ;; *) set -- "$@" -- true ;; esac
    timeout 200 "$kexthost" "$@" >"$scratch/out" 2>"$scratch/log"
    status=$?
    if [ $status != 0 ]; then
        not_ok "${about}kexthost ends with $status"
        grep -v '^PROBE ok' "$scratch/log" | tail -n 15 | sed 's/^/  # /'
    elif grep -q '^kexthost: leak' "$scratch/log"; then
        not_ok "${about}nothing is left over: $(grep '^kexthost: leak' "$scratch/log" | cut -c17- | paste -sd,)"
    fi
}
# probe GROUP COUNT ARGUMENT...: the group of Probe.kext
probe() {
    group=$1 count=$2
    shift 2
    host --kext "$kexts/Probe.kext" --boot-args "probe=$group" "$@"
    report "$group" "$count"
}
edu='--device edu,dma_mask=0xffffffff'
# of two functions, on one interrupt line
two='--device edu,addr=3 --device edu,addr=7'
memory='--qemu-arg -object --qemu-arg memory-backend-ram,id=bar,size=1M --device ivshmem-plain,memdev=bar'
