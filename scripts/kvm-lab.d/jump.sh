# The jump host: where landfall runs. A namespace with a hostname, an ssh_config, one key and known_hosts that nobody scanned.

jump_up() {
  local dir=$LAB/jump
  mkdir -p "$dir"
  chmod 700 "$dir"
  install -m 600 "$CACHE/keys/lab" "$dir/key"
  install -m 644 "$CACHE/keys/lab.pub" "$dir/key.pub"
  jump_ssh_config >"$dir/ssh_config"
  jump_known_hosts >"$dir/known_hosts"
  jump_enter >"$dir/enter.new"
  chmod 755 "$dir/enter.new"
  mv "$dir/enter.new" "$dir/enter"
  living jump >/dev/null && return 0
  setsid ip netns exec "$JUMP_NAMESPACE" unshare --uts sh -c 'hostname jump && exec sleep infinity' >/dev/null 2>&1 </dev/null 9>&- &
  record_process jump $!
  disown
  until_true 10 jump_is_named || fail 'the jump host did not come up' "$dir" 'scripts/kvm-lab down, then up'
}

jump_is_named() { [[ $("$LAB/jump/enter" hostname) == jump ]]; }

jump_ssh_config() {
  local name dir=$LAB/jump
  echo '# Written by scripts/kvm-lab.'
  for name in "${SITES[@]}"; do printf 'Host %s\n  HostName %s.1\n' "$(site_host "$name")" "$(site_net "$name")"; done
  for name in "${SOURCES[@]}"; do printf 'Host %s\n  HostName %s\n' "$name" "$(source_address "$name")"; done
  cat <<CONFIG
Host *
  User root
  IdentityFile "$dir/key"
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile "$dir/known_hosts"
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  CheckHostIP no
  ConnectTimeout 45
CONFIG
}

jump_known_hosts() {
  local name file type key
  for name in "${SITES[@]}"; do
    for file in "$(site_dir "$name")"/ssh/host_*.pub; do
      [[ -e $file ]] || continue
      read -r type key _ <"$file"
      printf '%s,%s.1 %s %s\n' "$(site_host "$name")" "$(site_net "$name")" "$type" "$key"
    done
  done
  for name in "${SOURCES[@]}"; do
    for file in "$(disks_dir)/$name".ssh_host_*.pub; do
      [[ -e $file ]] || continue
      read -r type key _ <"$file"
      printf '%s,%s %s %s\n' "$name" "$(source_address "$name")" "$type" "$key"
    done
  done
}

# Written out, not sourced: scripts/landfall runs it, and a plan may name it.
jump_enter() {
  cat <<SCRIPT
#!/usr/bin/env bash
# Runs a command on the lab's jump host: its network and its hostname, this machine's files. Written by scripts/kvm-lab.
set -euo pipefail
read -r pid start <'$LAB/records/jump' || pid=none start=none
{ stat=\$(<"/proc/\$pid/stat"); } 2>/dev/null || stat=''
read -ra fields <<<"\${stat##*) }"
if [[ "\${fields[19]:-}" != "\$start" ]]; then
  printf 'kvm-lab: the lab does not run\n  where: %s\n  next: scripts/kvm-lab up\n' '$LAB' >&2
  exit 1
fi
export LANDFALL_JUMP_HOST='$LAB/jump/enter'
exec nsenter --target "\$pid" --net --uts -- "\$@"
SCRIPT
}
