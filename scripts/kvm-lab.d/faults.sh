# fault: breaks something the way it breaks in life, and takes it back. A fault is written down before it is made, so
# that one that was interrupted is taken back too. How each is done: fault-guests.sh, fault-dallas.sh,
# fault-line.sh, fault-inventory.sh.

for part in fault-guests fault-dallas fault-line fault-inventory; do
  # shellcheck source=/dev/null
  . "$parts/$part.sh"
done

# NAME  whether it needs a machine  what it is
fault_table() {
  cat <<'TABLE'
fstab-uuid           machine  the source's fstab names a file system that no disk has, without nofail
initramfs-no-virtio  machine  the source's initramfs has no virtio_blk: it finds no disk
nic-renamed          machine  the source's network configuration names a NIC that is not there; the running one keeps its address
no-grub              machine  boot code and GRUB are gone from the source's disk; it runs until it restarts
pool-full            -        the pool in Dallas has 100 MB left
receiver-unreachable machine  nothing gets through to the receiver's address
receiver-host-key    machine  the running receiver has another host key than it had
swapped-plan         -        plans/kvm-lab-swapped.yaml: the addresses of source and target hypervisor are exchanged
link-down            -        nothing passes between Miami and Dallas; the jump host reaches both
link-slow            -        2 Mbit/s between Miami and Dallas
plant-inventory      -        what no plan names: a share, a domain, an address in a file, an expired certificate, a cron job that mails
TABLE
}

fault_command() {
  case ${1:-} in
    list) fault_table ;;
    clear) fault_clear ;;
    '') refuse 2 'fault needs a name' 'the command line' 'scripts/kvm-lab fault list' ;;
    *) fault_make "$@" ;;
  esac
}

fault_make() {
  local name=$1 machine=${2:-} needs
  needs=$(fault_table | awk -v name="$name" '$1 == name { print $2 }')
  [[ -n $needs ]] || refuse 2 "there is no fault \"$name\"" 'the command line' 'scripts/kvm-lab fault list'
  if [[ $needs == machine ]]; then
    is_source "$machine" || refuse 2 "the fault $name needs a machine" "\"$machine\"" "one of: ${SOURCES[*]}"
  elif [[ -n $machine ]]; then
    refuse 2 "the fault $name is of no machine" "\"$machine\"" "scripts/kvm-lab fault $name"
  fi
  living jump >/dev/null || fail 'the lab does not run' "$LAB" 'scripts/kvm-lab up'
  local id=$name${machine:+.$machine}
  if [[ -e $LAB/faults/$id ]]; then
    say "the fault $name${machine:+ of $machine} is there already"
    return 0
  fi
  mkdir -p "$LAB/faults" "$LAB/faults-saved/$id"
  : >"$LAB/faults/$id"
  "make_${name//-/_}" "$LAB/faults-saved/$id" "$machine"
  say "made: $name${machine:+ of $machine}; scripts/kvm-lab fault clear takes it back"
}

fault_clear() {
  local file id name machine failed=''
  for file in "$LAB"/faults/*; do
    [[ -e $file ]] || continue
    id=${file##*/} name=${id%%.*} machine=''
    [[ $id != *.* ]] || machine=${id#*.}
    # In the background, because "set -e" is not at work inside a condition.
    "undo_${name//-/_}" "$LAB/faults-saved/$id" "$machine" &
    if wait $!; then
      rm -rf --one-file-system "$LAB/faults-saved/$id" "$file"
      say "taken back: $name${machine:+ of $machine}"
    else
      failed="$failed $id"
    fi
  done
  [[ -z $failed ]] || fail "not taken back:$failed" "$LAB/faults" 'scripts/kvm-lab status' 'scripts/kvm-lab fault clear, once the lab answers; or down and up'
}
