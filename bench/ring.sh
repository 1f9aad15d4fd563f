#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Instructions a chain in the driver's half of each ring (offered, shown, taken back), counted by callgrind: minimum and median
# over bursts of 1, 4, 16 and 32 chains.
#   bench/ring.sh
cd "$(dirname "$0")/.." || exit 1
command -v valgrind >/dev/null || { echo "ring: valgrind is not installed" >&2; exit 3; }
out=$(mktemp)
trap 'rm -f "$out"' EXIT
chains=4000
count() { # FORMAT PIECES BURST IND_MAX IN_ORDER: instructions a chain
    valgrind --tool=callgrind --callgrind-out-file="$out" --toggle-collect=offer --toggle-collect=take \
        build/bench/ring-"$1" "$2" "$3" $((chains / $3)) "$4" "$5" 2>&1 | awk -v n=$chains '/Collected/ {printf "%.1f\n", $4 / n}'
}
row() { # TEXT PIECES IND_MAX IN_ORDER
    for format in split packed; do
        for burst in 1 4 16 32; do count $format "$2" $burst "$3" "$4"; done | sort -n |
            awk -v t="$1" -v f=$format '{v[NR] = $1} END {printf "%-34s %-8s %8.1f %8.1f\n", t, f, v[1], (v[2] + v[3]) / 2}'
    done
}
printf '%-34s %-8s %8s %8s\n' "instructions a chain" ring minimum median
row "one piece" 1 0 0
row "one piece, in order" 1 0 1
row "three pieces" 3 0 0
row "three pieces, in order" 3 0 1
row "three pieces, indirect" 3 16 0
