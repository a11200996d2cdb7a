# What was made is written down when it is made, and taken away by what is written down: never by a process's name.
# A process is its pid and its start time, so that a number which the kernel gave to somebody else is nobody of ours.

# One lab at a time on a machine: namespace names are the machine's.
OWNER=/run/landfall-kvm-lab

with_lock() {
  mkdir -p "$LAB" "$CACHE"
  chmod 700 "$LAB" "$CACHE"
  exec 9>"$LAB/lock"
  flock -n 9 || refuse 3 'another kvm-lab command is at work in this lab' "$LAB/lock" 'wait for it and try again'
  "$@"
}

claim_machine() {
  local owner
  if owner=$(readlink "$OWNER") && [[ $owner != "$LAB" && -d $owner ]]; then
    refuse 3 'another lab stands on this machine' "$owner" "LANDFALL_KVM_LAB=$owner scripts/kvm-lab down"
  fi
  ln -sfn "$LAB" "$OWNER"
}

record() { mkdir -p "$LAB/records"; printf '%s\n' "$2" >"$LAB/records/$1.new"; mv "$LAB/records/$1.new" "$LAB/records/$1"; }
recorded() { cat "$LAB/records/$1" 2>/dev/null; }
forget() { rm -f "$LAB/records/$1"; }

# Field 22 of /proc/PID/stat; the command in field 2 may hold blanks and brackets. A zombie counts as gone.
started_at() {
  local stat
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
  stat=${stat##*) }
  [[ $stat == [ZX]* ]] && return 1
  # shellcheck disable=SC2086
  set -- $stat
  printf '%s' "${20}"
}

record_process() { record "$1" "$2 $(started_at "$2")"; }

# The pid of a recorded process that still is the one that was recorded.
living() {
  local pid start
  read -r pid start <<<"$(recorded "$1")" || return 1
  [[ -n $pid && -n $start && $(started_at "$pid") == "$start" ]] || return 1
  printf '%s' "$pid"
}

end_process() {
  local pid
  while pid=$(living "$1"); do
    kill -KILL "$pid" 2>/dev/null || true
    sleep 0.1
  done
  forget "$1"
}

# until_true SECONDS COMMAND...: polls; fails when the time is over.
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 0.3
  done
}
