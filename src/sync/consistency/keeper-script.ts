/**
 * What holds a pass together on its source: POSIX sh, fit for dash and busybox, started as a remote job before anything
 * is read. It brings production to rest (`before`), takes the snapshots, lets production go on (`after`), waits for the end
 * of the pass, and takes everything away again. landfall may be killed or cut off at any moment: what ends the wait then is
 * that no job of the pass runs any more, or the cap.
 *
 * Words: mode (`hold`, `release`), directory, tag of snapshot names, prefix of the pass's job directories, seconds without
 * a job, seconds in all, `short` or `whole` (whether `after` runs once the snapshots are there), limit of a hook in
 * seconds, how many file systems; nine words for each of them (kind, number, origin, name, size, device, type,
 * options, mount point); how many words `before` has; `before`; `after`.
 *
 * It answers line by line (keeper-lines.ts). Errors of probes are silenced by closing stderr: the null device is a path.
 * `owed` exists from before the first hook until `after` begins; whoever renames it runs `after`, and nobody else
 * unless that one was killed over it.
 */
export const KEEPER = `mode=$1 base=$2 tag=$3 jobs=$4 grace=$5 cap=$6 hold=$7 limit=$8 count=$9
shift 9
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export PATH
umask 077

line() { printf '%s\\n' "$*"; }
has() { [ -n "$(command -v "$1")" ]; }
nap() { sleep 0.2 2>&- || sleep 1; }
ms() {
  moment=$(date +%s%N)
  case $moment in '' | *[!0-9]*) moment=$(date +%s)000000000 ;; esac
  printf '%s\\n' "\${moment%??????}"
}
try() { "$@" > "$base/answer" 2>&1 < "$base/in"; }
why() { tail -c 400 -- "$base/answer" | tr '\\n' ' '; }
each() {
  deed=$1 left=$count
  shift
  while [ "$left" -gt 0 ]; do
    "$deed" "$1" "$2" "$3" "$4" "$5" "$6" "$7" "$8" "$9" || return
    shift 9
    left=$((left - 1))
  done
}

hook() {
  name=$1
  shift
  [ "$#" -gt 0 ] || return 0
  began=$(ms)
  if timeout -k 1 5 true 2>&-; then set -- timeout -k 5 "$limit" "$@"; else set -- timeout "$limit" "$@"; fi
  "$@" > "$base/$name" 2>&1 < "$base/in"
  code=$?
  line "$name" "$code" "$(($(ms) - began))"
  tail -c 2000 -- "$base/$name" | tail -n 5 | while IFS= read -r text || [ -n "$text" ]; do
    line say "$name" "$text"
  done
  return "$code"
}
before() {
  shift "$((count * 9))"
  wanted=$1 total=$(($# - 1)) at=0
  shift
  while [ "$at" -lt "$total" ]; do
    word=$1
    shift
    [ "$at" -ge "$wanted" ] || set -- "$@" "$word"
    at=$((at + 1))
  done
  hook before "$@"
}
after() {
  turns=0
  until mv -- "$base/owed" "$base/paid" 2>&-; do
    # Nobody owes it, or another runs it and its end is waited for. Who takes longer than a hook may was killed over it.
    [ -d "$base/paid" ] || return 0
    [ "$turns" -lt "$((limit + 15))" ] || break
    sleep 1
    turns=$((turns + 1))
  done
  shift "$((count * 9))"
  shift "$(($1 + 1))"
  hook after "$@"
  rm -rf -- "$base/paid"
}

snap() {
  case $1 in live) return 0 ;; esac
  moment=$(ms)
  case $1 in
    lvm) try lvcreate -s -L "\${5}b" -n "$4" "$3" ;;
    lvm-thin) try lvcreate -s -kn -n "$4" "$3" ;;
    btrfs) try btrfs subvolume snapshot -r "$9" "\${9%/}/$4" ;;
    zfs) try zfs snapshot "$3@$4" ;;
  esac || { line failed "$2" "$(why)"; return 1; }
  case $1 in lvm*)
    mkdir -p -- "$base/$2" && try mount -t "$7" -o "$8" "$6" "$base/$2" || { line failed "$2" "$(why)"; return 1; } ;;
  esac
  line taken "$2" "$moment"
}
told() { lvs --noheadings -o "$1" "$2" 2>&- | tr -d ' '; }
reach() { case \${1%%.*} in '' | *[!0-9]*) false ;; *) [ "\${1%%.*}" -ge "$2" ] ;; esac; }
sound() {
  case $1 in
    lvm)
      state=$(told lv_attr "\${3%/*}/$4") used=$(told data_percent "\${3%/*}/$4")
      case $state in ????[IS]*) used=100 ;; esac
      ! reach "$used" 100 || { full=$2; return 1; } ;;
    lvm-thin)
      pool=$(told pool_lv "\${3%/*}/$4")
      ! reach "$(told data_percent "\${3%/*}/$pool")" 95 || { full=$2; return 1; } ;;
  esac
}
ended() {
  case $1 in
    live)
      [ "$5" = watched ] || return 0
      if [ -e "$base/mark" ] && found=$(find "$9" -xdev \\( -cnewer "$base/mark" -o -newer "$base/mark" \\) -print -quit 2>&-) && [ -z "$found" ]; then
        line still "$2"
      fi ;;
    *) sound "$@" || line full "$2" ;;
  esac
  return 0
}

away() {
  tries=0
  until "$@" > "$base/answer" 2>&1 < "$base/in"; do
    tries=$((tries + 1))
    [ "$tries" -lt 25 ] || return 1
    nap
  done
}
ours() { case $1 in "$tag"[0-9]*-[0-9]*) case \${1#"$tag"} in *[!0-9-]*) false ;; esac ;; *) false ;; esac; }
btrfs_away() {
  [ "$1" = btrfs ] || return 0
  for old in "\${9%/}/.$tag"*; do
    [ -d "$old" ] && ours "\${old##*/.}" || continue
    if away btrfs subvolume delete "$old"; then line removed "$old"; else line stuck "$old" "$(why)"; fi
  done
}
clear() {
  for place in "$base"/[0-9]*; do
    [ -d "$place" ] || continue
    rmdir -- "$place" 2>&- && continue
    away umount "$place"
    rmdir -- "$place" 2>&- || line stuck "$place" "$(why)"
  done
  if has lvs; then
    lvs --noheadings -o vg_name,lv_name 2>&- | while read -r group volume; do
      ours "$volume" || continue
      if away lvremove -f "$group/$volume"; then line removed "$group/$volume"; else line stuck "$group/$volume" "$(why)"; fi
    done
  fi
  if has zfs; then
    zfs list -H -t snapshot -o name 2>&- | while read -r old; do
      ours "\${old##*@}" || continue
      if away zfs destroy "$old"; then line removed "$old"; else line stuck "$old" "$(why)"; fi
    done
  fi
  each btrfs_away "$@"
}

busy() {
  for job in "$jobs"*; do
    [ -d "$job" ] && [ ! -e "$job/code" ] || continue
    { read -r pid rest < "$job/pid"; } 2>&- || continue
    ! kill -0 "$pid" 2>&- || return 0
  done
  return 1
}
cut() {
  for job in "$jobs"*; do
    [ -d "$job" ] && [ ! -e "$job/code" ] || continue
    { read -r pid rest < "$job/pid"; } 2>&- || continue
    kill -TERM "-$pid" 2>&-
  done
  waited=0
  while busy && [ "$waited" -lt 50 ]; do nap; waited=$((waited + 1)); done
}

# Where this script is killed, what it would have done is done by a process of its own: production does not stand still until
# somebody asks.
mine() { [ "$(cat -- "$base/keeper" 2>&-)" = "$$" ]; }
guard() {
  while kill -0 "$$" 2>&-; do sleep 1; done
  mine || exit 0
  after "$@"
  still=0
  while mine && [ "$still" -lt "$grace" ]; do
    sleep 1
    still=$((still + 1))
    ! busy || still=0
  done
  ! mine || clear "$@"
  exit 0
}

mkdir -p -- "$base" && printf '' > "$base/in" || exit 20
if [ "$mode" = release ]; then
  rm -f -- "$base/keeper"
  after "$@"
  clear "$@"
  line end
  exit 0
fi

# A job is started with the lowest priority; what stands still meanwhile must not wait for it.
renice -n 0 -p $$ > "$base/answer" 2>&1
ionice -c2 -n4 -p $$ > "$base/answer" 2>&1
stop=
trap 'stop=stopped' TERM INT
rm -f -- "$base/done" "$base/mark"
after "$@"
clear "$@"
finish() {
  reason=$1
  shift
  # What reads from a snapshot must not find an empty directory there: it would delete the copy.
  case $reason in done | idle) ;; *) [ -z "$shots" ] || cut ;; esac
  each ended "$@"
  after "$@"
  clear "$@"
  rm -f -- "$base/keeper"
  line why "$reason"
  line end
  exit 0
}
shots=
shot() { [ "$1" = live ] || shots=yes; }
each shot "$@"
line begun "$(ms)"
printf '%s' "$$" > "$base/keeper" || exit 20
guard "$@" &
mkdir -- "$base/owed" || exit 20
before "$@" || finish before "$@"
touch -d "@$(($(date +%s) - 3))" "$base/mark" 2>&- || rm -f -- "$base/mark"
each snap "$@" || finish failed "$@"
[ "$hold" != short ] || after "$@"
line ready "$(ms)"

unit=1
sleep 0.2 2>&- || unit=5
all=0 idle=0 reason=
while [ -z "$reason" ]; do
  nap
  all=$((all + unit)) idle=$((idle + unit))
  [ "$((all % 25))" -ge "$unit" ] || ! busy || idle=0
  full=
  [ "$((all % 50))" -ge "$unit" ] || each sound "$@"
  if [ -e "$base/done" ]; then reason=done
  elif [ -n "$stop" ]; then reason=$stop
  elif [ -n "$full" ]; then reason=full; line full "$full"
  elif [ "$all" -ge "$((cap * 5))" ]; then reason=cap
  elif [ "$idle" -ge "$((grace * 5))" ]; then
    if busy; then idle=0; else reason=idle; fi
  fi
done
finish "$reason" "$@"
`;
