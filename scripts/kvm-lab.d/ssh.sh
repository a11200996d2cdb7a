# ssh: into a host of the lab, from the jump host, as landfall goes.

ssh_command() {
  (($# > 0)) || refuse 2 'ssh needs a host' 'the command line' "hosts: $(printf '%s ' jump miami-kvm dallas-kvm "${SOURCES[@]}")"
  local host=$1
  shift
  living jump >/dev/null || fail 'the lab does not run' "$LAB" 'scripts/kvm-lab up'
  if [[ $host == jump ]]; then
    (($# > 0)) || set -- "${SHELL:-/bin/bash}"
    exec "$LAB/jump/enter" "$@"
  fi
  exec "$LAB/jump/enter" ssh -F "$LAB/jump/ssh_config" "$host" "$@"
}
