# Faults in Dallas: its pool, its receivers, and a plan that takes it for Miami.

make_pool_full() {
  # shellcheck disable=SC2016
  in_site dallas sh -c 'mountpoint -q "$1" || exit 9
    free=$(df --output=avail -B1 "$1" | tail -n 1) && [ "$free" -gt 110000000 ] || exit 0
    fallocate -l "$((free - 100000000))" "$1/backups-of-2019.img"' sh "$IMAGES" ||
    fail 'the pool in Dallas is not a file system of its own' "$IMAGES" 'this machine has no loop devices: the fault is not available'
  virsh_in dallas pool-refresh default >/dev/null
}
undo_pool_full() {
  in_site dallas rm -f "$IMAGES/backups-of-2019.img" && virsh_in dallas pool-refresh default >/dev/null
}

receiver_of() {
  local name
  for name in $(virsh_in dallas list --name); do
    [[ $name != *-"$1"-receiver ]] || { printf '%s' "$name"; return 0; }
  done
  return 1
}

# in_receiver DOMAIN COMMAND: a shell command as root, through the guest agent; waits for its end.
in_receiver() {
  local answer pid words
  words=${2//\"/\\\"}
  answer=$(virsh_in dallas qemu-agent-command "$1" \
    "{\"execute\":\"guest-exec\",\"arguments\":{\"path\":\"/bin/sh\",\"arg\":[\"-c\",\"$words\"]}}") || return 1
  [[ $answer =~ \"pid\":([0-9]+) ]] || return 1
  pid=${BASH_REMATCH[1]}
  for _ in {1..100}; do
    answer=$(virsh_in dallas qemu-agent-command "$1" "{\"execute\":\"guest-exec-status\",\"arguments\":{\"pid\":$pid}}") || return 1
    if [[ $answer == *'"exited":true'* ]]; then
      [[ $answer == *'"exitcode":0'* ]]
      return
    fi
    sleep 0.3
  done
  return 1
}

make_receiver_host_key() {
  local domain
  if ! domain=$(receiver_of "$2"); then
    rm -f "$LAB/faults/receiver-host-key.$2"
    fail "no receiver of $2 runs" 'dallas-kvm' 'scripts/landfall run plans/kvm-lab.yaml, and try again while its receiver runs'
  fi
  in_receiver "$domain" 'mkdir -p /root/keys-before && mv /etc/ssh/ssh_host_* /root/keys-before/ && ssh-keygen -A && systemctl restart ssh' ||
    fail "the receiver of $2 did not change its host key" "$domain on dallas-kvm" 'scripts/kvm-lab fault clear'
}
undo_receiver_host_key() {
  local domain
  domain=$(receiver_of "$2") || return 0
  in_receiver "$domain" '[ ! -d /root/keys-before ] || { mv -f /root/keys-before/* /etc/ssh/ && rmdir /root/keys-before && systemctl restart ssh; }'
}

make_swapped_plan() {
  write_plan kvm-lab-swapped dallas-kvm miami-kvm >"$checkout/plans/kvm-lab-swapped.yaml"
  say "written: plans/kvm-lab-swapped.yaml"
}
undo_swapped_plan() { rm -f "$checkout/plans/kvm-lab-swapped.yaml"; }
