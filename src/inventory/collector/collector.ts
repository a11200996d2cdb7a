import type { Argv } from '../../remote/host.ts';
import { BOOT, INITRAMFS } from './boot.ts';
import { ASKING, round } from './group.ts';
import { HOT_FILES } from './hot-files.ts';
import { NETWORK } from './network.ts';
import { SERVICES, SOCKETS } from './services.ts';
import { LVM, STORAGE } from './storage.ts';
import { SURVEY_PART } from './survey/survey.ts';
import { SYSTEM } from './system.ts';
import { WITHHOLD_FUNCTIONS } from './withhold.ts';

/**
 * Who is in this group may ask a few questions through sudo (docs/inventory-sudoers.conf). Nobody else tries: a sudo that
 * refuses writes into the log of the host, and mails its root.
 */
const SUDO_GROUP = 'landfall-inv';

/** What a copy needs to know. */
const BASE = [SYSTEM, STORAGE, LVM, BOOT, NETWORK, SOCKETS, SERVICES, HOT_FILES, INITRAMFS];

/**
 * The one script that looks at a guest: POSIX sh, read-only, one line of JSON for each question. It writes no file
 * (but for LVM metadata that cannot be had otherwise, in memory below /run/landfall, and gone again), installs
 * nothing, and needs only what every distribution has; a tool that is missing answers 127 in its section.
 * Questions are asked at low priority and in rounds, with at most 60 seconds and 4 MiB of answer; what hangs in one is
 * asked again alone, with at most 30 seconds (120 where a program has much to read) and 1 MiB, so that a hung disk or a
 * huge table cannot hold up production. What all paths begin with comes in as the first argument: nothing for the running
 * system.
 */
const script = (extra: string, after: string): string => `root=\${1%/}
LC_ALL=C; export LC_ALL
PATH=$PATH:$root/usr/local/sbin:$root/usr/sbin:$root/sbin; export PATH
exec 4>&1
if ! command -v base64 >/dev/null 2>&1; then
  printf '{"section":"base64","rc":127,"data":""}\\n'
  exit 0
fi
limited=
if timeout -k 1 5 true </dev/null >/dev/null 2>&1; then limited='timeout -k 5'
elif timeout 5 true </dev/null >/dev/null 2>&1; then limited=timeout; fi
guard=\${limited:+$limited 30} unhurried=\${limited:+$limited 60} patient=\${limited:+$limited 120}
if ! renice -n 10 -p $$ >/dev/null 2>&1 && nice -n 10 true </dev/null >/dev/null 2>&1; then
  guard="nice -n 10 $guard" unhurried="nice -n 10 $unhurried" patient="nice -n 10 $patient"
fi
as_root=
if [ "$(id -u 2>/dev/null)" != 0 ]; then
  case " $(id -Gn 2>/dev/null) " in *' ${SUDO_GROUP} '*) as_root=yes ;; esac
fi
export as_root
seam=
{ IFS=- read -r first second third fourth last </proc/sys/kernel/random/uuid; } 2>/dev/null && seam=$first$second$last
[ -n "$seam" ] || seam=$(od -An -tx1 -N8 /dev/urandom 2>/dev/null | tr -d ' \\n')
export seam
release=$(uname -r 2>/dev/null)
export release
in_one_line() { base64 | tr -d '\\n'; }
if [ "$(printf x | base64 -w0 2>/dev/null)" = eA== ]; then encode='base64 -w0'; else encode=in_one_line; fi

${ASKING}
${WITHHOLD_FUNCTIONS}${round('base', BASE)}${extra}printf '{"section":"end","rc":0,"data":""}\\n'
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
