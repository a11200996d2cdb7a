import type { Argv } from '../../remote/host.ts';
import { BOOT_PART } from './boot.ts';
import { HOT_FILES_PART } from './hot-files.ts';
import { NETWORK_PART } from './network.ts';
import { FOREIGN_KINDS } from './places.ts';
import { SERVICES_PART } from './services.ts';
import { DISK_PART, LVM_PART } from './storage.ts';
import { SURVEY_PART } from './survey/survey.ts';
import { SYSTEM_PART } from './system.ts';

/**
 * Who is in this group may ask a few questions through sudo (docs/inventory-sudoers.conf). Nobody else tries: a sudo that
 * refuses writes into the log of the host, and mails its root.
 */
const SUDO_GROUP = 'landfall-inv';

/**
 * The one script that looks at a guest: POSIX sh, read-only, one line of JSON for each question. It writes no file
 * (but for LVM metadata that cannot be had otherwise, in memory below /run/landfall, and gone again), installs
 * nothing, and needs only what every distribution has; a tool that is missing answers 127 in its section.
 * Each question or group of them runs at low priority with at most 30 seconds (120 where a program has much to read)
 * and 1 MiB of answer, so that a hung network mount or a huge table cannot hold up production. What all paths begin with comes in as the first argument: nothing for the
 * running system.
 */
const script = (extra: string, after: string): string => `root=\${1%/}
LC_ALL=C; export LC_ALL
PATH=$PATH:$root/usr/local/sbin:$root/usr/sbin:$root/sbin; export PATH
exec 4>&1
if ! command -v base64 >/dev/null 2>&1; then
  printf '{"section":"base64","rc":127,"data":""}\\n'
  exit 0
fi
guard= patient=
if timeout -k 1 5 true </dev/null >/dev/null 2>&1; then guard='timeout -k 5 30' patient='timeout -k 5 120'
elif timeout 5 true </dev/null >/dev/null 2>&1; then guard='timeout 30' patient='timeout 120'; fi
if ! renice -n 10 -p $$ >/dev/null 2>&1 && nice -n 10 true </dev/null >/dev/null 2>&1; then
  guard="nice -n 10 $guard" patient="nice -n 10 $patient"
fi
as_root=
if [ "$(id -u 2>/dev/null)" != 0 ]; then
  case " $(id -Gn 2>/dev/null) " in *' ${SUDO_GROUP} '*) as_root=yes ;; esac
fi
export as_root
seam=$(od -An -tx1 -N8 /dev/urandom 2>/dev/null | tr -d ' \\n')
export seam
if [ "$(printf x | base64 -w0 2>/dev/null)" = eA== ]; then
  encode() { base64 -w0; }
else
  encode() { base64 | tr -d '\\n'; }
fi

probe() {
  printf '{"section":"%s","data":"' "$1"
  shift
  rc=$( { { $guard "$@" </dev/null 2>/dev/null 3>&- 4>&-; echo "$?" >&3; } | head -c 1048576 | encode >&4; } 3>&1 )
  printf '","rc":%s}\\n' "\${rc:-255}"
  return "\${rc:-255}"
}

${SYSTEM_PART}
${FOREIGN_KINDS}newline='
'
usual=$IFS
# Sizes are asked of local file systems alone: the server of another kind may be dead, and the question would never end.
kinds=$(foreign_kinds)
set -- findmnt -J -b --real -o TARGET,SOURCE,FSTYPE,UUID,LABEL,SIZE,USED
[ -z "$kinds" ] || set -- "$@" -t "no\${kinds%,}"
if probe findmnt "$@"; then
  targets=$($guard "$@" </dev/null 2>/dev/null |
    tr '{,' '\\n\\n' | sed -n 's/^[[:space:]]*"target": *"\\(\\/[^"\\\\]*\\)".*/\\1/p')
  sized=yes
else
  probe mounts cat "$root/proc/mounts"
  targets=$(awk '$1 ~ /^\\/dev\\// && $2 !~ /\\\\/ { print $2 }' "$root/proc/mounts" 2>/dev/null)
  sized=no
fi
IFS=$newline; set -f; set -- $targets; set +f; IFS=$usual
[ "$#" -eq 0 ] || probe df-inodes df -i -P "$@"
[ "$#" -eq 0 ] || [ "$sized" = yes ] || probe df-blocks df -P -k "$@"

probe lsblk lsblk -J -b -o NAME,PATH,TYPE,SIZE,FSTYPE,UUID,PARTUUID,SERIAL,PKNAME ||
  probe lsblk lsblk -J -b -o NAME,TYPE,SIZE,FSTYPE,UUID,PARTUUID,SERIAL,PKNAME ||
  probe lsblk-pairs lsblk -P -b -o NAME,TYPE,SIZE,FSTYPE,UUID,SERIAL,PKNAME

disks=$($guard lsblk -dn -o PATH,TYPE </dev/null 2>/dev/null) ||
  disks=$($guard lsblk -dn -o NAME,TYPE </dev/null 2>/dev/null | sed 's|^|/dev/|')
printf '%s\\n' "$disks" | while read -r device type rest; do
  [ "$type" = disk ] || continue
  case $device in *[!A-Za-z0-9/_.-]*) continue ;; esac
${DISK_PART}done

${LVM_PART}
${BOOT_PART}
${NETWORK_PART}
${SERVICES_PART}
${HOT_FILES_PART}
${extra}probe end true
${after}exit 0
`;

/**
 * The collector as a command; `root` is `/` on a guest, `/mnt/t` on a receiver to look at a replica. `extra` are more
 * questions in its own language (`probe NAME COMMAND…`), asked before the end.
 */
export const collectorCommand = (root: string, extra = ''): Argv => [
  'sh',
  '-c',
  script(extra, ''),
  'sh',
  root === '/' ? '' : root,
];

/** The collector on a running guest with the wide look behind what a copy needs: one command, one login. */
export const surveyCommand = (): Argv => ['sh', '-c', script('', SURVEY_PART), 'sh', ''];

/** The last line of a script that arrived whole. */
const WHOLE = '# whole';

/** Reads the script first and closes the input: no question can read on in it. */
const FROM_INPUT = `script=$(cat); exec </dev/null
case $script in *'${WHOLE}') eval "$script" ;; *) echo 'the script of the survey was cut off' >&2; exit 1 ;; esac`;

/**
 * The same with its script as standard input, as it is sent to a guest: SSH promises no more than 35 000 bytes for a
 * command (RFC 4253, 6.1), and some servers and every audit log of commands take less.
 */
export const surveyByInput = (): { readonly argv: Argv; readonly stdin: string } => ({
  argv: ['sh', '-c', FROM_INPUT, 'sh', ''],
  stdin: `${script('', SURVEY_PART)}${WHOLE}\n`,
});

/** Longest time the collector may take: every question timed out, and then some. */
export const COLLECTOR_TIMEOUT_MS = 600_000;
