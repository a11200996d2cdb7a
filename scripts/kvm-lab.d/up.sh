# up: says its cost, then makes what is missing in order; every stage recognises that it is done.

RATE=100mbit
DELAY='' LOSS=''

up_command() {
  local yes='' at=$SECONDS
  RATE=$(recorded rate || echo 100mbit)
  while (($# > 0)); do
    case $1 in
      --yes | -y) yes=yes; shift ;;
      --rate) RATE=$(value_of "$@"); shift 2 ;;
      --delay) DELAY=$(value_of "$@"); shift 2 ;;
      --loss) LOSS=$(value_of "$@"); shift 2 ;;
      *) refuse 2 "\"$1\" is not an option of up" 'the command line' 'scripts/kvm-lab --help' ;;
    esac
  done
  [[ $(uname -m) == x86_64 ]] || refuse 3 'the guests of the lab are x86_64' "this machine is $(uname -m)" 'use an x86_64 machine'
  local fault
  if command -v tc >/dev/null && ! fault=$(rate_fault "$RATE"); then
    refuse 2 "\"$RATE\" is not a rate: ${fault%%$'\n'*}" '--rate' 'write it as tc does: 100mbit, 20mbit'
  fi
  say_cost "$yes"
  claim_machine
  install_packages
  keys_ready
  trees_ready
  local accel
  accel=$(accelerator)
  record accelerator "$accel"
  disks_ready "$accel"
  network_up
  line_up "$RATE"
  delay_up "$DELAY" "$LOSS"
  local site
  for site in "${SITES[@]}"; do site_up "$site"; done
  jump_up
  domains_up "$accel"
  guests_answer "$accel"
  plan_write
  say "the lab is up ($(took "$at")): two sites, ${#SOURCES[@]} guests ($accel), $RATE between them"
  say "next: scripts/landfall run plans/kvm-lab.yaml"
}

say_cost() {
  local disks trees cost
  disks=$(disks_dir)
  trees=$(tree_dir source)
  if [[ -d $disks ]]; then
    cost='about 2 minutes; 6 GB of disk for the running lab'
  elif [[ -d $trees ]]; then
    cost='about 5 minutes (disks are built); 10 GB of disk, 4 GB of it cache'
  else
    cost='about 8 minutes the first time (packages, then disks); 10 GB of disk, 4 GB of it cache; about 400 MB of downloads'
  fi
  say "cost: $cost; 3 GB of memory while it runs, more with standbys"
  say "state $LAB, cache $CACHE; scripts/kvm-lab down takes the state away"
  local free
  free=$(df --output=avail -BG "$LAB" | tail -n 1 | tr -dc 0-9)
  ((free >= 12)) || refuse 3 "only $free GB are free; the lab needs 12" "$LAB" 'free some' 'LANDFALL_KVM_LAB=/elsewhere scripts/kvm-lab up'
  if [[ -z $1 && -t 0 && ! -d $disks ]]; then
    local answer
    read -r -p 'kvm-lab: go on? [y/N] ' answer
    case $answer in y | Y | yes) ;; *) refuse 3 'nothing was done' 'you said no' 'scripts/kvm-lab up --yes' ;; esac
  fi
}

# Delay and loss need a kernel that has them.
delay_up() {
  local delay=$1 loss=$2
  [[ -n $delay$loss ]] || return 0
  kernel_has_netem || refuse 3 'delay and loss are not available: this kernel has no netem' "$(uname -r)" 'scripts/kvm-lab up, without --delay and --loss'
  netem_up "${delay:-0ms}" "${loss:-0%}"
}
