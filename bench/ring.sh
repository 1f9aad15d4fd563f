#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Instructions a chain in the driver's half of each ring (offered, shown, taken back), counted by callgrind: minimum and median
# over bursts of 1, 4, 16 and 32 chains. Then the same burst in one ring and spread over several.
#   bench/ring.sh                       the table
#   bench/ring.sh count RING PIECES BURST IND_MAX IN_ORDER RINGS     one number; RING: split or packed
cd "$(dirname "$0")/.." || exit 1
command -v valgrind >/dev/null || { echo "ring: valgrind is not installed" >&2; exit 3; }
out=$(mktemp)
trap 'rm -f "$out"' EXIT
chains=3200
count() { # FORMAT PIECES BURST IND_MAX IN_ORDER RINGS: instructions a chain
    valgrind --tool=callgrind --callgrind-out-file="$out" --toggle-collect=offer --toggle-collect=take \
        build/bench/ring-"$1" "$2" "$3" $((chains / $3)) "$4" "$5" "$6" 2>&1 | awk -v n=$chains '/Collected/ {printf "%.1f\n", $4 / n}'
}
row() { # TEXT PIECES IND_MAX IN_ORDER
    for format in split packed; do
        for burst in 1 4 16 32; do count $format "$2" $burst "$3" "$4" 1; done | sort -n |
            awk -v t="$1" -v f=$format '{v[NR] = $1} END {printf "%-34s %-8s %8.1f %8.1f\n", t, f, v[1], (v[2] + v[3]) / 2}'
    done
}
if [ "${1:-}" = count ]; then
    shift
    count "$@"
    exit
fi
printf '%-34s %-8s %8s %8s\n' "instructions a chain" ring minimum median
row "one piece" 1 0 0
row "one piece, in order" 1 0 1
row "three pieces" 3 0 0
row "three pieces, in order" 3 0 1
row "three pieces, indirect" 3 16 0
printf '\n%-34s %-8s %8s %8s %8s %8s\n' "a burst over so many rings" ring 1 2 4 8
for format in split packed; do
    for burst in 8 32; do
        printf '%-34s %-8s' "one piece, bursts of $burst" $format
        for rings in 1 2 4 8; do printf ' %8s' "$(count $format 1 $burst 0 0 $rings)"; done
        echo
    done
done
