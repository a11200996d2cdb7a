# status: what runs, in words or as JSON. Reads only.

status_command() {
  local json=''
  case ${1:-} in
    '') ;;
    --json) json=yes ;;
    *) refuse 2 "\"$1\" is not an option of status" 'the command line' 'scripts/kvm-lab --help' ;;
  esac
  as_root
  if [[ -n $json ]]; then status_json; else status_words; fi
}

# The domains of a site as lines "NAME STATE", or nothing when the site does not run.
site_domains() {
  local name
  site_pid "$1" >/dev/null || return 0
  for name in $(virsh_in "$1" list --all --name); do
    printf '%s %s\n' "$name" "$(virsh_in "$1" domstate "$name" | tr ' ' '-')"
  done
}

lab_state() {
  local site up=0
  for site in "${SITES[@]}"; do [[ -z $(site_pid "$site") ]] || up=$((up + 1)); done
  living jump >/dev/null && up=$((up + 1))
  case $up in 0) echo down ;; 3) echo up ;; *) echo half ;; esac
}

active_faults() { ls "$LAB/faults" 2>/dev/null || true; }

delay_words() {
  if [[ -n $(recorded delay) ]]; then
    printf '%s each way, loss %s' "$(recorded delay)" "$(recorded loss)"
  elif kernel_has_netem; then
    printf 'none (scripts/kvm-lab up --delay 15ms)'
  else
    printf 'not available: this kernel has no netem'
  fi
}

status_words() {
  local state site name domain_state fault
  state=$(lab_state)
  printf 'lab      %s   %s\n' "$state" "$LAB"
  [[ $state != down ]] || { printf 'next     scripts/kvm-lab up\n'; return 0; }
  [[ $state != half ]] || printf 'next     scripts/kvm-lab up completes it, scripts/kvm-lab down removes it\n'
  printf 'guests   run by %s\n' "$(recorded accelerator)"
  printf 'line     %s between the sites; delay: %s\n' "$(recorded rate)" "$(delay_words)"
  for site in "${SITES[@]}"; do
    printf '%-8s %s.1  %s\n' "$site" "$(site_net "$site")" "$([[ -n $(site_pid "$site") ]] && site_host "$site" || echo 'does not run')"
    while read -r name domain_state; do
      [[ -z $name ]] || printf '           %-24s %s\n' "$name" "$domain_state"
    done < <(site_domains "$site")
  done
  while read -r fault; do [[ -z $fault ]] || printf 'fault    %s\n' "$fault"; done < <(active_faults)
  printf 'next     scripts/landfall run plans/kvm-lab.yaml   ·   scripts/kvm-lab ssh web1\n'
}

# Names here are the lab's and libvirt's own; they hold nothing that JSON would need escaped.
status_json() {
  local site name domain_state comma=''
  printf '{"version":1,"state":"%s","directory":"%s","accelerator":"%s","rate":"%s","delay":"%s","loss":"%s","netem":%s,"sites":{' \
    "$(lab_state)" "$LAB" "$(recorded accelerator)" "$(recorded rate)" "$(recorded delay)" "$(recorded loss)" \
    "$(kernel_has_netem && echo true || echo false)"
  for site in "${SITES[@]}"; do
    printf '%s"%s":{"host":"%s","address":"%s.1","running":%s,"domains":{' "$comma" "$site" "$(site_host "$site")" "$(site_net "$site")" \
      "$([[ -n $(site_pid "$site") ]] && echo true || echo false)"
    comma=''
    while read -r name domain_state; do
      [[ -n $name ]] || continue
      printf '%s"%s":"%s"' "$comma" "$name" "$domain_state"
      comma=,
    done < <(site_domains "$site")
    printf '}}'
    comma=,
  done
  printf '},"faults":['
  comma=''
  while read -r name; do
    [[ -n $name ]] || continue
    printf '%s"%s"' "$comma" "$name"
    comma=,
  done < <(active_faults)
  printf ']}\n'
}
