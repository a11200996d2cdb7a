/**
 * The shell side of remote jobs: POSIX sh, run with `sh -c SCRIPT sh ARG…`, fit for dash and busybox. Paths come in as
 * arguments only; `$proc` is where process facts are (`/proc`), and may not exist. Errors of probes are silenced by
 * closing stderr (`2>&-`), because even the null device would be a path.
 *
 * Groups are signalled as `kill -KILL -PID`: dash does not take `--` there.
 *
 * A job's directory holds `argv` (length and word a line), `in` (empty), `out`, `err`, `pid` (pid, start mark, epoch
 * seconds), `child`, and in the end `code` (exit code, epoch seconds). The directory itself is the lock: who makes it
 * starts the job.
 */

/** Exit codes of the scripts below. */
export const JOB_EXIT = {
  conflict: 3,
  neverStarted: 4,
  running: 5,
  lost: 6,
  unusable: 20,
  absent: 44,
} as const;

/** First line of what follow prints: anything before it is noise of a login shell. */
export const FOLLOW_MARK = 'landfall-follow 1';
export const STATUS_MARK = 'landfall-job';

const NAP = `nap() { sleep "$1" 2>&- || sleep 1; }`;

/**
 * A pid alone may have been given away again, so it is kept with the start time of its process (proc(5), field 22;
 * the name before it may hold blanks and brackets). `-` stands for "cannot be known".
 */
const PROCESS = `
look() {
  mark=- state=R
  # Without a pid, /proc//stat would be read: the whole machine's figures.
  case $1 in '' | *[!0-9]*) return 1 ;; esac
  if [ -e "$proc/self/stat" ]; then
    { read -r line < "$proc/$1/stat"; } 2>&- || return 1
    set -- \${line##*) }
    state=$1
    shift 19
    mark=$1
  else
    kill -0 "$1" 2>&- || return 1
    if [ -n "$(command -v ps)" ]; then state=$(ps -o stat= -p "$1" 2>&-) || state=R; fi
  fi
}
same() { [ "$mark" = "$want" ] || [ "$mark" = - ] || [ "$want" = - ]; }
alive() { look "$pid" && same && case $state in Z* | X*) return 1 ;; esac; }
mine() { ! look "$pid" || same; }
load() {
  pid= want=- began=0
  { read -r pid want began < "$dir/pid"; } 2>&- && [ -n "$pid" ]
}`;

/** The starter makes the directory first and the pid a moment later. */
const WAIT_STARTED = `
started() {
  tries=0
  until [ -s "$dir/pid" ] || [ -e "$dir/code" ]; do
    [ -d "$dir" ] || return 1
    tries=$((tries + 1))
    [ "$tries" -le 250 ] || return 1
    sleep 0.02 2>&- || { sleep 1; tries=$((tries + 49)); }
  done
}`;

const DESCRIBE = `describe() { for word; do printf '%s %s\\n' "\${#word}" "$word"; done; }`;

/** $1 directory, $2 proc, $3 umask of the command, then the command. Outlives the connection; writes the exit code. */
export const SUPERVISOR = `dir=$1 proc=$2 mask=$3
shift 3
trap '' HUP
child=
trap '[ -z "$child" ] || kill -TERM "$child" 2>&-' TERM
${PROCESS}
${DESCRIBE}
describe "$@" > "$dir/argv.new" && mv -f -- "$dir/argv.new" "$dir/argv" || exit
look "$$"
printf '%s %s %s\\n' "$$" "$mark" "$(date +%s)" > "$dir/pid.new" && mv -f -- "$dir/pid.new" "$dir/pid" || exit
(umask "$mask"; exec "$@") < "$dir/in" &
child=$!
printf '%s\\n' "$child" > "$dir/child"
wait "$child"
code=$?
while [ "$code" -gt 128 ] && kill -0 "$child" 2>&-; do
  wait "$child"
  code=$?
done
trap '' TERM
printf '%s %s\\n' "$code" "$(date +%s)" > "$dir/code.new" && mv -f -- "$dir/code.new" "$dir/code"`;

/** $1 directory, $2 proc, $3 the supervisor's script, then the command. Safe to run twice, and at the same time. */
export const START = `dir=$1 proc=$2 supervisor=$3
shift 3
${PROCESS}
${WAIT_STARTED}
${DESCRIBE}
works() { [ -n "$(command -v "$1")" ] && "$@" true 2>&-; }
mask=$(umask)
umask 077
mkdir -p -- "\${dir%/*}" || exit ${JOB_EXIT.unusable}
if mkdir -- "$dir" 2>&-; then
  (
    set -- sh -c "$supervisor" sh "$dir" "$proc" "$mask" "$@"
    ! works nice -n 10 || set -- nice -n 10 "$@"
    ! works ionice -c3 || set -- ionice -c3 "$@"
    ! works setsid || set -- setsid "$@"
    printf '' > "$dir/in"
    exec "$@" < "$dir/in" > "$dir/out" 2> "$dir/err"
  ) &
elif [ ! -d "$dir" ]; then
  mkdir -- "$dir"
  exit ${JOB_EXIT.unusable}
fi
started || exit ${JOB_EXIT.neverStarted}
[ "$(cat -- "$dir/argv"; printf x)" = "$(describe "$@"; printf x)" ] || exit ${JOB_EXIT.conflict}
[ ! -e "$dir/code" ] || exit 0
load && alive || [ -e "$dir/code" ] || exit ${JOB_EXIT.lost}`;

/** $1 directory, $2 proc. Prints one line. */
export const STATUS = `dir=$1 proc=$2
${PROCESS}
${WAIT_STARTED}
say() { printf '${STATUS_MARK} %s\\n' "$*"; exit 0; }
ended() { { read -r code at < "$dir/code"; } 2>&- && say ended "$code" "$began" "$at"; }
[ -d "$dir" ] || say absent
started
[ -d "$dir" ] || say absent
load
ended
! alive || say running "$pid" "$began"
ended
say lost "$began"`;

/**
 * $1 directory, $2 proc, $3 and $4 the offsets from which out and err are wanted. Frames on stdout: `o N` or `e N` and
 * N bytes, `.` when nothing happens (it finds out that nobody listens any more), at last `end`, `lost` or `absent`.
 * The end is looked for before the sizes are taken, so that the last bytes come before it. Naps are short for the first
 * second: most passes with nothing to do are over by then, and half a nap is lost at every end.
 */
export const FOLLOW = `dir=$1 proc=$2 out=$3 err=$4
${PROCESS}
${NAP}
send() {
  printf '%s %s\\n' "$1" "$(($4 - $3))" || exit
  tail -c "+$(($3 + 1))" -- "$2" | head -c "$(($4 - $3))" || exit
}
printf '${FOLLOW_MARK}\\n'
cd -- "$dir" 2>&- || { printf 'absent\\n'; exit 0; }
dir=.
every=10
[ ! -e "$proc/self/stat" ] || every=1
tick=0 quiet=0 pid=
while :; do
  end=
  if [ ! -e out ] && [ "$tick" -gt 40 ]; then printf 'absent\\n'; exit 0; fi
  [ -n "$pid" ] || load
  if [ -e code ]; then
    end=ended
  elif [ -z "$pid" ]; then
    [ "$tick" -le 40 ] || end=lost
  elif [ "$((tick % every))" -eq 0 ] && ! alive; then
    if [ -e code ]; then end=ended; else end=lost; fi
  fi
  if [ -e out ] && [ -e err ]; then
    set -- $(wc -c out err)
    if [ "\${1:-0}" -gt "$out" ]; then send o out "$out" "$1"; out=$1 quiet=0; fi
    if [ "\${3:-0}" -gt "$err" ]; then send e err "$err" "$3"; err=$3 quiet=0; fi
  fi
  case $end in
    ended)
      read -r code at < code
      printf 'end %s %s %s\\n' "$code" "$began" "$at"
      exit 0 ;;
    lost)
      printf 'lost %s\\n' "$began"
      exit 0 ;;
  esac
  quiet=$((quiet + 1))
  if [ "$quiet" -ge 25 ]; then printf '.\\n' || exit; quiet=0; fi
  tick=$((tick + 1))
  if [ "$tick" -le 20 ]; then nap 0.05; else nap 0.2; fi
done`;

/** $1 directory, $2 proc, $3 grace in seconds. TERM for the group, then KILL; leaves an exit code behind. */
export const STOP = `dir=$1 proc=$2 grace=$3
${PROCESS}
${NAP}
[ ! -e "$dir/code" ] || exit 0
load && mine || exit 0
was=lost
! alive || was=alive
group() { kill -0 "-$pid" 2>&-; }
pause() { nap 0.2; waited=$((waited + 1)); [ "$waited" -lt "$1" ]; }
kill -TERM "-$pid" 2>&- || kill -TERM "$pid" 2>&-
waited=0
while [ ! -e "$dir/code" ] && { alive || group; }; do pause "$((grace * 5))" || break; done
waited=0
while [ -e "$dir/code" ] && group; do pause 5 || break; done
child=
{ read -r child < "$dir/child"; } 2>&-
if [ ! -e "$dir/code" ] && alive && [ -n "$child" ]; then
  kill -KILL "$child" 2>&-
  waited=0
  while [ ! -e "$dir/code" ] && alive; do pause 10 || break; done
fi
! mine || kill -KILL "-$pid" 2>&-
if [ "$was" = alive ] && [ ! -e "$dir/code" ]; then
  printf '137 %s\\n' "$(date +%s)" > "$dir/code.new" && mv -f -- "$dir/code.new" "$dir/code"
fi
exit 0`;

/** $1 directory, $2 proc. What a lost job left running in its group is killed first. */
export const REMOVE = `dir=$1 proc=$2
${PROCESS}
${WAIT_STARTED}
[ -d "$dir" ] || exit 0
started
if load && [ ! -e "$dir/code" ]; then
  ! alive || exit ${JOB_EXIT.running}
  ! mine || kill -KILL "-$pid" 2>&-
fi
gone=$dir.gone.$$
mv -- "$dir" "$gone" && rm -rf -- "$gone"`;

/** $1 file, $2 the most bytes. */
export const TAIL = `[ -e "$1" ] || exit ${JOB_EXIT.absent}
exec tail -c "$2" -- "$1"`;
