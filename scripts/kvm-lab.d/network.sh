# Four network namespaces and three veth pairs directly between them; no end of any is in the machine's own namespace.
#
#   lf-miami eth0 --- miami lf-wan dallas --- eth0 lf-dallas        eth0 of a site is a port of its br0
#                            jump --- eth0 lf-jump                  lf-wan routes; the rate limit sits on its ends

netns_up() {
  mountpoint -q /run/netns || record netns-dir made
  [[ -e /run/netns/$1 ]] || ip netns add "$1"
  record "netns-$1" "$1"
  ip -n "$1" link set lo up
}

has_link() { ip -n "$1" link show "$2" >/dev/null 2>&1; }

# leg PLACE: the line from a place to the router; the router is .254 there.
leg_up() {
  local place=$1 namespace net
  namespace=$(site_namespace "$place")
  net=$(site_net "$place")
  has_link "$namespace" eth0 || ip -n "$namespace" link add eth0 type veth peer name "$place" netns "$WAN_NAMESPACE"
  ip -n "$WAN_NAMESPACE" addr replace "$net.254/24" dev "$place"
  ip -n "$WAN_NAMESPACE" link set "$place" up
  local carrier=eth0 host=1
  if [[ $place == jump ]]; then
    host=2
  else
    carrier=br0
    has_link "$namespace" br0 || ip -n "$namespace" link add br0 type bridge
    ip -n "$namespace" link set eth0 master br0
    ip -n "$namespace" link set br0 up
  fi
  ip -n "$namespace" link set eth0 up
  ip -n "$namespace" addr replace "$net.$host/24" dev "$carrier"
  ip -n "$namespace" route replace default via "$net.254"
}

network_up() {
  local place
  netns_up "$WAN_NAMESPACE"
  ip netns exec "$WAN_NAMESPACE" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
  for place in "${SITES[@]}" jump; do
    netns_up "$(site_namespace "$place")"
    leg_up "$place"
  done
}

# The rate of the line, both ways. A rate that is not one is refused by tc itself, in a namespace nobody uses.
rate_fault() { unshare -n tc qdisc add dev lo root tbf rate "$1" burst 256kb latency 50ms 2>&1; }

line_up() {
  local rate=$1 site
  for site in "${SITES[@]}"; do
    ip netns exec "$WAN_NAMESPACE" tc qdisc replace dev "$site" root handle 1: tbf rate "$rate" burst 256kb latency 50ms
  done
  record rate "$rate"
}

kernel_has_netem() { unshare -n tc qdisc add dev lo root netem delay 1ms >/dev/null 2>&1; }

# Delay and loss behind the rate limit: half of the round trip on each end.
netem_up() {
  local delay=$1 loss=$2 site
  for site in "${SITES[@]}"; do
    ip netns exec "$WAN_NAMESPACE" tc qdisc replace dev "$site" parent 1: handle 2: netem delay "$delay" loss "$loss" limit 20000
  done
  record delay "$delay"
  record loss "$loss"
}

network_down() {
  local file name
  for file in "$LAB"/records/netns-lf-*; do
    [[ -e $file ]] || continue
    name=$(<"$file")
    [[ ! -e /run/netns/$name ]] || ip netns del "$name"
    forget "netns-$name"
  done
  if [[ -n $(recorded netns-dir) ]]; then
    [[ -n $(ls -A /run/netns 2>/dev/null) ]] || umount /run/netns 2>/dev/null || true
    forget netns-dir
  fi
}
