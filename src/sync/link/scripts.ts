/** The shell side of a measurement of the line: what source and target are told. Everything is niced and bounded. */

/** What one run may last and carry, whatever the line gives. */
export const RUN_SECONDS = 4;
export const RUN_BYTES = 128 * 1024 ** 2;
/** What is read from and written to the disks at both ends. */
export const DISK_BYTES = 64 * 1024 ** 2;
/** Less room than this at the target, KiB, and nothing is written there. */
export const LEAST_FREE_KIB = 2 * 1024 ** 2;
/** Bytes that no line compresses; sent over and over. A tenth of a second's share of a limit is at most so large. */
export const NOISE_BYTES = 16 * 1024 ** 2;

/** Whatever becomes of landfall, nothing of a run is left after so long. */
const PATIENCE = 20;

/** Politer than anything that works for somebody; hosts without these tools go on without them. */
const POLITE = `LC_ALL=C
export LC_ALL
{ renice -n 10 -p $$; ionice -c3 -p $$; } >/dev/null 2>&1`;

/**
 * `count BYTES SECONDS`: swallows what comes and prints `run BYTES FROM UNTIL`, ms of one clock. Time begins with the first
 * byte, so that no login is counted.
 */
const COUNT = `count() {
  dd bs=1 count=1 of=/dev/null 2>/dev/null
  t0=$(date +%s%N)
  n=$(timeout "$2" head -c "$1" | wc -c)
  t1=$(date +%s%N)
  printf 'run %s %s %s\\n' "$n" "\${t0%??????}" "\${t1%??????}"
}`;

/** `feed DIRECTORY BYTES SECONDS TICK`: noise; TICK bytes every tenth of a second, or as much as goes where it is 0. */
const FEED = `feed() {
  if [ "$4" -eq 0 ]; then
    while cat "$1/noise"; do :; done | head -c "$2"
  else
    i=0
    while [ "$i" -lt "\${3}0" ] && head -c "$4" "$1/noise"; do
      i=$((i + 1))
      sleep 0.1
    done
  fi
} 2>/dev/null`;

/** Makes the noise, in the tmpfs. Argument: directory. */
export const NOISE_SCRIPT = `umask 022
head -c ${NOISE_BYTES} /dev/urandom > "$1/noise"`;

const DIGITS = '0123456789';

/** Exit code of a refusal. */
export const LINK_NOT_ALLOWED = 97;

/**
 * The forced command on the target: the only thing that the key of a measurement can do. It swallows bytes, gives noise,
 * or sends back what it gets; it reads and writes no file but the noise, and ends by itself. Argument: directory.
 */
export const LINK_SCRIPT = `#!/bin/sh
# landfall: swallows or gives bytes for a few seconds and does nothing else.
set -f
${POLITE}
refuse() {
  printf 'landfall-link: refused\\n' >&2
  exit ${LINK_NOT_ALLOWED}
}
${COUNT}
${FEED}
IFS=' '
here=$1
case \${SSH_ORIGINAL_COMMAND-} in '' | *[!abcdefghijklmnopqrstuvwxyz${DIGITS}\\ ]*) refuse ;; esac
# shellcheck disable=SC2086
set -- $SSH_ORIGINAL_COMMAND
what=$1
shift
for word do case $word in *[!${DIGITS}]* | ??????????*) refuse ;; esac; done
case $what.$# in
  echo.0) exec timeout ${PATIENCE} cat ;;
  swallow.2 | give.3)
    [ "$1" -le ${RUN_BYTES} ] && [ "$2" -le ${RUN_SECONDS} ] || refuse
    if [ "$what" = swallow ]; then count "$1" "$2"; else sleep 1; feed "$here" "$1" "$2" "$3"; fi ;;
  *) refuse ;;
esac
`;

/**
 * Streams from here to there, which begin once all have logged in. Prints what the target counted, and what each ssh took of
 * a CPU. Arguments: directory, streams, bytes of each, seconds, tick.
 */
export const FORTH_SCRIPT = `${POLITE}
${FEED}
i=0
while [ "$i" -lt "$2" ]; do
  { sleep 1; feed "$1" "$3" "$4" "$5"; } | { timeout ${PATIENCE} sh "$1/rsh" standby swallow "$3" "$4"; times; } &
  i=$((i + 1))
done
wait`;

/** Streams from there to here, counted here. Arguments as above. */
export const BACK_SCRIPT = `${POLITE}
${COUNT}
i=0
while [ "$i" -lt "$2" ]; do
  { { timeout ${PATIENCE} sh "$1/rsh" standby give "$3" "$4" "$5"; times >&3; } | count "$3" "$4"; } 3>&1 &
  i=$((i + 1))
done
wait`;

/**
 * Round trips through one session that stands: no ping and no greeting is needed. Prints \`trip NANOSECONDS\`, what looking
 * at the clock costs taken off. Argument: directory.
 */
export const TRIP_SCRIPT = `LC_ALL=C
export LC_ALL
umask 077
rm -f -- "$1/in" "$1/out"
mkfifo "$1/in" "$1/out" || exit 1
timeout ${PATIENCE} sh "$1/rsh" standby echo < "$1/in" > "$1/out" &
exec 3> "$1/in" 4< "$1/out"
echo x >&3
read -r answer <&4 || exit 1
for i in 1 2 3 4 5; do
  t0=$(date +%s%N)
  t1=$(date +%s%N)
  echo x >&3
  read -r answer <&4 || exit 1
  t2=$(date +%s%N)
  printf 'trip %s\\n' "$((t2 - t1 - (t1 - t0)))"
done
exec 3>&-
wait`;

/** Reads the beginning of a disk past the cache; changes nothing. Argument: path. */
export const READ_SCRIPT = `${POLITE}
t0=$(date +%s%N)
n=$(timeout ${PATIENCE} dd if="$1" bs=1M count=${DISK_BYTES / 1024 ** 2} iflag=direct 2>/dev/null | wc -c)
t1=$(date +%s%N)
printf 'run %s %s %s\\n' "$n" "\${t0%??????}" "\${t1%??????}"`;

/**
 * Writes past the cache into a file that has no name any more when the first byte comes: whatever happens, nothing of it
 * stays. Prints \`room KIB\` instead where there is too little. Arguments: directory of the pool, directory of the noise.
 */
export const WRITE_SCRIPT = `${POLITE}
umask 077
free=$(df -Pk "$1" | awk 'NR == 2 { printf "%d", $4 }')
case $free in '' | *[!${DIGITS}]*) exit 1 ;; esac
if [ "$free" -lt ${LEAST_FREE_KIB} ]; then
  printf 'room %s\\n' "$free"
  exit 0
fi
rm -f -- "$1"/.landfall-link.*
file=$1/.landfall-link.$$
exec 3> "$file" || exit 1
rm -f -- "$file"
t0=$(date +%s%N)
while cat "$2/noise"; do :; done 2>/dev/null |
  timeout ${PATIENCE} dd bs=1M count=${DISK_BYTES / 1024 ** 2} iflag=fullblock oflag=direct conv=fsync >&3 2>/dev/null || exit 1
t1=$(date +%s%N)
printf 'run %s %s %s\\n' ${DISK_BYTES} "\${t0%??????}" "\${t1%??????}"`;

/** What a CPU makes of the path's cipher, for a second; prints nothing where there is no openssl. */
export const CIPHER_SCRIPT = `${POLITE}
[ -n "$(command -v openssl)" ] || exit 0
timeout ${PATIENCE} openssl speed -mr -evp aes-128-gcm -seconds 1 -bytes 16384 2>/dev/null
exit 0`;

/** Takes away what a measurement has made. Arguments: its directory and files. */
export const CLEAN_SCRIPT = `rm -rf -- "$@"
rmdir -- "\${1%/*}" 2>/dev/null
exit 0`;
