#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# ./run's last page: what was loaded, negotiated and measured, from the files that its parts left in FOLDER. Exit 1 when
# the kext is slower than 40 % of the shuttle or the idle machine is not idle.
#   summary.sh FOLDER
cd "$1" || exit 1
value() { sed -n "s/.*\"$2\" = //p" "$1" | head -n 1 | tr -d '"'; }
count() { awk -v n="^$2\\." '$1 ~ n {t += $2} END {print t + 0}' "$1"; } # all kinds of it: "doorbells", "interrupts"
exact() { awk -v n="$2" '$1 == n {print $2}' "$1"; }
line() { printf '   %-22s %s\n' "$1" "$2"; }
gbit() { cat "$1" 2>/dev/null || echo 0; }
mbyte() { awk -v k="$1" '$1 == k {printf "%.0f MB/s", $2 / 1e6}' user; }

line "driver" "$(sed -n 's/^kext\.\(.*\)\.version \(.*\)/\1 \2/p' stats | paste -sd, | sed 's/,/, /g')"
line "device" "$(value ioreg 'Virtio Device')"
line "system profile" "10.9 (INTx), 10.15 (MSI-X)"
line "interrupts" "$(value ioreg 'Virtio Interrupts'); $(value ioreg-msix 'Virtio Interrupts')"
line "features" "$(value ioreg-msix 'Virtio Features')"
line "offloads of en0" "$(sed 's/^[[:space:]]*//' offloads | paste -sd, | sed 's/,/, /g')"
line "lease" "$(sed -n 's/^lease //p' user)"
line "round trip" "$(sed -n 's/^ping //p' user) ms"
line "user network" "down $(mbyte down), up $(mbyte up), 256 MB each, intact"

per() { # counter, direction (out: files 0 and 1, in: 1 and 2), mode
    case $2 in out) a=counters0-$3 b=counters1-$3 p=edge.frames_out ;; in) a=counters1-$3 b=counters2-$3 p=edge.frames_in ;; esac
    echo "$(count $a "$1") $(count $b "$1") $(exact $a $p) $(exact $b $p)" | awk '{n = $4 - $3; printf "%.3f", n ? ($2 - $1) / n : 0}'
}
echo
printf '   %-14s %10s %10s %18s %18s %10s\n' "TCP, Gbit/s" out in "doorbells/packet" "interrupts/packet" "idle, % CPU"
for mode in msix intx; do
    printf '   %-14s %10s %10s %18s %18s %10s\n' "kext, $mode" "$(gbit out-$mode)" "$(gbit in-$mode)" \
        "$(per doorbells out $mode) / $(per doorbells in $mode)" "$(per interrupts out $mode) / $(per interrupts in $mode)" "$(cat idle-$mode)"
done
printf '   %-14s %10s %10s\n' "shuttle" "$(gbit out-shuttle)" "$(gbit in-shuttle)"
echo '   (inbound, kexthost joins TCP segments before the tap; the shuttle does not: more than 100 % is no wonder)'
bad=0
for mode in msix intx; do
    for way in out in; do
        percent=$(echo "$(gbit $way-$mode) $(gbit $way-shuttle)" | awk '{printf "%d", $2 ? 100 * $1 / $2 : 0}')
        line "$way, $mode" "$percent % of the shuttle"
        [ "$percent" -ge 40 ] || { echo "run: $way, $mode: below 40 % of the shuttle" >&2; bad=1; }
    done
    awk '$1 >= 2 {exit 1}' idle-$mode || { echo "run: idle, $mode: $(cat idle-$mode) % of a core" >&2; bad=1; }
done
exit $bad
