# Faults of the line, all in the router. A fault of the line does not touch what the jump host reaches, unless it says so.

in_wan() { ip -n "$WAN_NAMESPACE" "$@"; }

# Runs an ip command whose second run finds nothing to do, and says so by failing.
in_wan_if_needed() { in_wan "$@" 2>/dev/null || true; }

make_receiver_unreachable() { in_wan route replace blackhole "$(target_address "$2")/32"; }
undo_receiver_unreachable() { in_wan_if_needed route del blackhole "$(target_address "$2")/32"; }

make_link_down() {
  in_wan rule add pref 100 from 10.77.1.0/24 to 10.77.2.0/24 blackhole
  in_wan rule add pref 101 from 10.77.2.0/24 to 10.77.1.0/24 blackhole
}
undo_link_down() {
  in_wan_if_needed rule del pref 100
  in_wan_if_needed rule del pref 101
}

line_rate() {
  local site
  for site in "${SITES[@]}"; do
    ip netns exec "$WAN_NAMESPACE" tc qdisc change dev "$site" root handle 1: tbf rate "$1" burst 256kb latency 50ms
  done
}
make_link_slow() { line_rate 2mbit; }
undo_link_slow() { line_rate "$(recorded rate)"; }
