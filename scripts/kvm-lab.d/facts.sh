# facts: what each source guest is, as JSON, so that a test can tell whether an evacuation left it alone.

facts_command() {
  (($# == 0)) || refuse 2 'facts takes no options' "$*" 'scripts/kvm-lab facts'
  living jump >/dev/null || fail 'the lab does not run' "$LAB" 'scripts/kvm-lab up'
  local name fact comma='' collector
  collector=$(guest_collector)
  printf '{'
  for name in "${SOURCES[@]}"; do
    fact=$(jump_ssh "$name" "$collector") ||
      fail "$name does not answer" "ssh $name" "scripts/kvm-lab ssh $name" 'scripts/kvm-lab status'
    printf '%s"%s":%s' "$comma" "$name" "$fact"
    comma=,
  done
  printf '}\n'
}

# Runs in the guest. Helpers of systemd that leave when they are idle come and go, and the session is our own: neither is
# what the guest is.
guest_collector() {
  cat <<'SH'
set -eu
units=$(systemctl list-units --type=service --state=running --plain --no-legend | awk '{print $1}' |
  grep -vE '^(user|systemd-(fsckd|hostnamed|localed|timedated)\.)' | sort)
printf '{"bootId":"%s","uptimeSeconds":%s,"packages":"%s","files":"%s","units":[' \
  "$(cat /proc/sys/kernel/random/boot_id)" "$(cut -d. -f1 /proc/uptime)" \
  "$(dpkg-query -W -f='${Package} ${Version} ${Architecture} ${Status}\n' | sha256sum | cut -d' ' -f1)" \
  "$(cd /etc && find . -xdev -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)"
comma=''
for unit in $units; do printf '%s"%s"' "$comma" "$unit"; comma=,; done
printf ']}'
SH
}
