import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SimHost } from '../world/world.ts';
import { shellMap } from './mounts.ts';
import { quote } from './shell-words.ts';

/**
 * The `bin` directory of a simulated host. A shim is a small sh script that maps the paths among its words and then
 * becomes the real tool; for a simulated tool it looks for a prepared answer and else asks the lab. What has no shim
 * does not exist on the host.
 */

const REAL_TOOLS = [
  ...['awk', 'base64', 'basename', 'cat', 'chmod', 'cksum', 'cut', 'date', 'dd', 'dirname', 'env', 'false'],
  ...[
    'find',
    'grep',
    'head',
    'id',
    'ionice',
    'kill',
    'ln',
    'mkdir',
    'mv',
    'nice',
    'nohup',
    'od',
    'printf',
    'ps',
  ],
  ...['readlink', 'rm', 'rsync', 'sed', 'setsid', 'sh', 'sha256sum', 'sleep', 'sort', 'ssh', 'ssh-keygen'],
  ...['stat', 'tail', 'tee', 'test', '[', 'timeout', 'touch', 'tr', 'true', 'wc', 'xargs'],
];

const GUEST_TOOLS = [
  ...[
    'findmnt',
    'lsblk',
    'df',
    'uname',
    'hostname',
    'ip',
    'ss',
    'systemctl',
    'mountpoint',
    'sync',
    'blockdev',
  ],
  ...['sfdisk', 'mkfs.ext2', 'mkfs.ext3', 'mkfs.ext4', 'mkfs.xfs', 'mkfs.vfat', 'mkswap', 'mount', 'umount'],
];
const HYPERVISOR_TOOLS = ['virsh', 'uname', 'hostname', 'df', 'sync'];

const SEARCH = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin', '/sbin'];
/** Tools that run another command: the script after `sh -c` is code, not a path. */
const WRAPPERS = ['sh', 'env', 'nice', 'ionice', 'timeout', 'setsid', 'nohup', 'xargs', 'sudo'];
/** Their first operand is a pattern or a program. */
const PATTERN_FIRST = ['sed', 'awk', 'grep'];
/** They take no paths at all. */
const NO_PATHS = ['tr', 'printf', 'kill', 'sleep', 'true', 'false'];
/** A lone slash is a delimiter for them. */
const SLASH_IS_A_DELIMITER = ['cut', 'sort'];

export const simulatedTools = (host: Pick<SimHost, 'role'>): readonly string[] =>
  host.role === 'hypervisor' ? HYPERVISOR_TOOLS : GUEST_TOOLS;

export function locate(tool: string): string | undefined {
  return SEARCH.map(directory => path.join(directory, tool)).find(existsSync);
}

/** Replaces a file that running shells may be reading. */
export function writeWhole(file: string, content: string, mode = 0o644): void {
  const fresh = `${file}.new`;
  writeFileSync(fresh, content, { mode });
  chmodSync(fresh, mode);
  renameSync(fresh, file);
}

/**
 * The loop over the words, shared by all shims. It runs in the shim's own shell, because a function could not replace
 * the shim's words. `_lf_tool` and `_lf_style` are set by the shim. Everything after `--server` that is not rsync's own
 * belongs to the peer, and rsync's patterns are anchored at the transfer root: neither is mapped.
 */
const WORDS_SH = `# Written by the pocket lab.
_lf_prev= _lf_stop= _lf_code= _lf_first=
[ "$_lf_tool" = sh ] && _lf_code=1
for _lf_w do
  shift
  _lf_todo=$_lf_w
  case $_lf_stop$_lf_todo in
    1*) _lf_todo= ;;
    --server) [ "$_lf_tool" = rsync ] || _lf_stop=1 ;;
    --exclude=*|--include=*|--filter=*|--out-format=*|--log-file-format=*) _lf_todo= ;;
  esac
  case $_lf_prev in
    --exclude|--include|--filter|-printf) _lf_todo= ;;
    -*c) [ "$_lf_code" ] && [ "$_lf_style" = wrapper ] && _lf_todo= ;;
  esac
  case $_lf_style$_lf_todo in
    pattern-e|pattern-f|pattern--regexp*|pattern--file*|pattern--expression*) _lf_first=1 ;;
    pattern-*) ;;
    pattern*) [ "$_lf_first" ] || _lf_todo=; _lf_first=1 ;;
    slash/) _lf_todo= ;;
  esac
  case $_lf_w in
    sh|/bin/sh) _lf_code=1 ;;
    -*) ;;
    *) _lf_code= ;;
  esac
  case $_lf_todo in
    /*) _lf_map "$_lf_w"; _lf_w=$_lf_mapped ;;
    [A-Za-z_-]*=/*)
      case \${_lf_w%%=*} in
        *[!A-Za-z0-9_-]*) ;;
        *) _lf_map "\${_lf_w#*=}"; _lf_w=\${_lf_w%%=*}=$_lf_mapped ;;
      esac ;;
  esac
  _lf_prev=$_lf_w
  set -- "$@" "$_lf_w"
done
`;

/**
 * ssh on a host: leaves from the host's own address, and reads the configuration and the known hosts of the host's
 * root, never those of whoever runs the lab. Words after the destination go to the other side.
 */
const sshShim = (host: SimHost, lab: string, real: string): string => {
  const home = path.join(host.directory, 'fs', 'root', 'root', '.ssh');
  return `#!/bin/sh
_lf_tool=ssh
. ${quote(path.join(host.directory, 'lib', 'map.sh'))}
_lf_value= _lf_peer= _lf_config=1
for _lf_w do
  shift
  if [ "$_lf_peer" ]; then set -- "$@" "$_lf_w"; continue; fi
  if [ "$_lf_value" ]; then
    case $_lf_w in
      /*) _lf_map "$_lf_w"; _lf_w=$_lf_mapped ;;
      [A-Za-z]*[=\\ ]/*) _lf_n=\${_lf_w%%/*}; _lf_map "/\${_lf_w#*/}"; _lf_w=$_lf_n$_lf_mapped ;;
    esac
    _lf_value=
  else
    case $_lf_w in
      -F) _lf_config= _lf_value=1 ;;
      -[BbcDEeIiJLlmOopQRSWw]) _lf_value=1 ;;
      -o*[=\\ ]/*) _lf_n=\${_lf_w%%/*}; _lf_map "/\${_lf_w#*/}"; _lf_w=$_lf_n$_lf_mapped ;;
      -i/*|-F/*|-E/*|-S/*) _lf_n=\${_lf_w%%/*}; _lf_map "/\${_lf_w#*/}"; _lf_w=$_lf_n$_lf_mapped
        case $_lf_n in -F) _lf_config= ;; esac ;;
      -*) ;;
      *) _lf_peer=1
        set -- "$@" -b ${host.address} -o UserKnownHostsFile=${quote(path.join(home, 'known_hosts'))} -o GlobalKnownHostsFile=/dev/null
        [ "$_lf_config" ] && set -- "$@" -F none ;;
    esac
  fi
  set -- "$@" "$_lf_w"
done
[ -d ${quote(lab)} ] || exit 255
exec ${real} "$@"
`;
};

function realShim(host: SimHost, tool: string, real: string, lab: string): string {
  if (tool === 'ssh') return sshShim(host, lab, real);
  if (NO_PATHS.includes(tool)) return `#!/bin/sh\nexec ${quote(real)} "$@"\n`;
  const style = WRAPPERS.includes(tool)
    ? 'wrapper'
    : PATTERN_FIRST.includes(tool)
      ? 'pattern'
      : SLASH_IS_A_DELIMITER.includes(tool)
        ? 'slash'
        : 'plain';
  // A receiver's rsync must see a failed write, not die of the signal that announces it: see faults.ts, target-full.
  const guard = tool === 'rsync' && host.role === 'receiver' ? "trap '' XFSZ\n" : '';
  return [
    '#!/bin/sh',
    `_lf_tool=${quote(tool)} _lf_style=${style}`,
    `. ${quote(path.join(host.directory, 'lib', 'map.sh'))}`,
    `. ${quote(path.join(lab, 'lib', 'words.sh'))}`,
    `${guard}exec ${quote(real)} "$@"`,
    '',
  ].join('\n');
}

const SUDO_SHIM = `#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
    -n) shift ;;
    --) shift; break ;;
    -*) printf 'sudo: unknown option %s\\nusage: sudo -n [--] command [arg ...]\\n' "$1" >&2; exit 1 ;;
    *) break ;;
  esac
done
[ $# -gt 0 ] || { printf 'usage: sudo -n [--] command [arg ...]\\n' >&2; exit 1; }
exec "$@"
`;

function simulatedShim(host: SimHost, tool: string, lab: string): string {
  const extension = path.extname(import.meta.filename);
  const caller = path.join(import.meta.dirname, '../tools', `tool-call${extension}`);
  return [
    '#!/bin/sh',
    `. ${quote(path.join(host.directory, 'lib', 'map.sh'))}`,
    '_lf_key=',
    `for _lf_w do _lf_unmap "$_lf_w"; _lf_key="$_lf_key $_lf_unmapped"; done`,
    `_lf_answers=${quote(path.join(host.directory, 'answers'))}`,
    `. "$_lf_answers"/${tool}.sh`,
    `exec ${quote(process.execPath)} ${quote(caller)} ${quote(path.join(lab, 'lib', 'tool-socket'))} ${quote(host.id)} ${tool} "$@"`,
    '',
  ].join('\n');
}

/** The parts that all hosts share. `toolSocket` is where simulated tools reach the lab. */
export function writeSharedShims(lab: string, toolSocket: string): void {
  mkdirSync(path.join(lab, 'lib'), { recursive: true });
  writeWhole(path.join(lab, 'lib', 'words.sh'), WORDS_SH);
  writeWhole(path.join(lab, 'lib', 'tool-socket'), toolSocket);
}

export function writeMap(host: SimHost, lab: string): void {
  mkdirSync(path.join(host.directory, 'lib'), { recursive: true });
  writeWhole(path.join(host.directory, 'lib', 'map.sh'), shellMap(lab, host.mounts));
}

/** Writes the whole `bin` of a host. */
export function writeShims(host: SimHost, lab: string): void {
  const bin = path.join(host.directory, 'bin');
  mkdirSync(bin, { recursive: true });
  mkdirSync(path.join(host.directory, 'answers'), { recursive: true });
  writeMap(host, lab);
  for (const tool of REAL_TOOLS) {
    const real = locate(tool);
    if (real !== undefined) writeWhole(path.join(bin, tool), realShim(host, tool, real, lab), 0o755);
  }
  for (const tool of simulatedTools(host)) {
    writeWhole(path.join(host.directory, 'answers', `${tool}.sh`), ':\n');
    writeWhole(path.join(bin, tool), simulatedShim(host, tool, lab), 0o755);
  }
  writeWhole(path.join(bin, 'sudo'), SUDO_SHIM, 0o755);
}

/** Answers that scripts can have without asking the lab: argv and stdout of a command that succeeds. */
export function writeAnswers(
  host: SimHost,
  tool: string,
  answers: readonly { readonly args: readonly string[]; readonly stdout: string }[],
): void {
  const directory = path.join(host.directory, 'answers');
  const cat = quote(locate('cat') ?? '/bin/cat');
  const cases = answers.map(({ args, stdout }, index) => {
    const file = `${tool}.${index}`;
    writeWhole(path.join(directory, file), stdout);
    return `  ${quote(args.map(arg => ` ${arg}`).join(''))}) exec ${cat} "$_lf_answers"/${file} ;;`;
  });
  writeWhole(path.join(directory, `${tool}.sh`), ['case $_lf_key in', ...cases, 'esac', ''].join('\n'));
}
