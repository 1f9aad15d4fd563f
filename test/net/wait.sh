# SPDX-License-Identifier: BSD-3-Clause
# Sourced by what runs as COMMAND: waits for what must come. It costs nothing when it comes, and a machine may be slow.
within() { # SECONDS COMMAND...: tried until it succeeds, once at least after that time
    within_end=$(($(date +%s) + $1)) # names of its own: COMMAND may be a function with variables
    shift
    while within_now=$(date +%s) && ! "$@" >/dev/null 2>&1; do
        [ "$within_now" -lt $within_end ] || return 1
        sleep 0.05
    done
}
link_says() { ip -o link show "${2:-en0}" | grep -q -- "$1"; }  # WORD [INTERFACE]
listening() { grep -q ":$(printf %04X "$1") 0*:0000 0A" /proc/net/tcp /proc/net/tcp6; } # PORT, in this namespace
# An interface that is up and whose queue is open: Linux opens it a little after the carrier.
link_up() { ip link set en0 "$@" up && within 30 link_says 'LOWER_UP.* state UP' || { echo "the link does not come up"; return 1; }; }
