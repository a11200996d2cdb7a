import path from 'node:path';
import type { SimHost } from '../world/world.ts';
import { homeOf } from './mounts.ts';
import { locate } from './real-tools.ts';
import { quote } from './shell-words.ts';

/** The texts of the shims: shell that maps words and becomes the tool. */

/** Tools that run another command: the script after `sh -c` is code, not a path. */
const WRAPPERS = ['sh', 'env', 'nice', 'ionice', 'timeout', 'setsid', 'nohup', 'xargs', 'sudo', 'flock'];
/** Their first operand is a pattern or a program. */
const PATTERN_FIRST = ['sed', 'awk', 'grep'];
/** They take no paths at all. */
const NO_PATHS = ['tr', 'printf', 'kill', 'sleep', 'true', 'false'];
/** A lone slash is a delimiter for them. */
const SLASH_IS_A_DELIMITER = ['cut', 'sort'];

/**
 * The loop over the words, shared by all shims. It runs in the shim's own shell, because a function could not replace
 * the shim's words. `_lf_tool` and `_lf_style` are set by the shim. Everything after `--server` that is not rsync's own
 * belongs to the peer, and rsync's patterns are anchored at the transfer root: neither is mapped.
 */
export const WORDS_SH = `# Written by the pocket lab.
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
  const home = path.join(homeOf({ directory: lab }, host), '.ssh');
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

export function realShim(host: SimHost, tool: string, real: string, lab: string): string {
  if (tool === 'ssh') return sshShim(host, lab, real);
  if (tool === 'env') return envShim(host, lab, real);
  if (tool === 'find') return findShim(host, lab, real, quote(locate('sed') ?? '/bin/sed'));
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
  const unreadable = tool === 'rsync' && host.role === 'machine' ? unreadableFile(host, real) : '';
  return [
    '#!/bin/sh',
    `_lf_tool=${quote(tool)} _lf_style=${style}`,
    `. ${quote(path.join(host.directory, 'lib', 'map.sh'))}`,
    `. ${quote(path.join(lab, 'lib', 'words.sh'))}`,
    `${guard}${unreadable}exec ${quote(real)} "$@"`,
    '',
  ].join('\n');
}

/**
 * rsync of a source of which one file cannot be read. The lab may run as root, from whom no mode keeps a file, so rsync
 * is made to pass the file over, and its words for it are said here: it says the same, deletes nothing and ends with 23.
 */
const unreadableFile = (host: SimHost, real: string): string => {
  const marker = quote(path.join(host.directory, 'lib', 'unreadable'));
  return `if [ -e ${marker} ]; then
  IFS= read -r _lf_file < ${marker}
  _lf_hit=
  for _lf_w do case $_lf_w in /*/) [ ! -e "$_lf_w$_lf_file" ] || _lf_hit=1 ;; esac; done
  case $_lf_hit in
    1)
      ${quote(real)} "$@" --exclude="/$_lf_file"
      _lf_rc=$?
      case $_lf_rc in 0|24|25) ;; *) exit "$_lf_rc" ;; esac
      printf 'rsync: [sender] send_files failed to open "/%s": Permission denied (13)\\n' "$_lf_file" >&2
      printf 'IO error encountered -- skipping file deletion\\n' >&2
      printf 'rsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.c(1338) [sender=3.2.7]\\n' >&2
      exit 23 ;;
  esac
fi
`;
};

/**
 * What is mounted in a namespace of its own is seen by nobody else, so the lab need not remember it: mount and umount
 * below this only look whether it could be done.
 */
export const UNSHARE_SHIM = `#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
    --mount|--net|--pid|--fork|-m|-n|-p|-f) shift ;;
    -*) printf 'unshare: unrecognized option %s\\n' "$1" >&2; exit 1 ;;
    *) break ;;
  esac
done
LANDFALL_LAB_PRIVATE=1; export LANDFALL_LAB_PRIVATE
exec "$@"
`;

/**
 * env on a host: programs come from the host whatever PATH is asked for, and the mark by which the lab finds its
 * processes stays. Other paths among the words are mapped as for any tool.
 */
const envShim = (host: SimHost, lab: string, real: string): string => `#!/bin/sh
_lf_tool=env _lf_style=wrapper _lf_clear=
. ${quote(path.join(host.directory, 'lib', 'map.sh'))}
. ${quote(path.join(lab, 'lib', 'words.sh'))}
while [ $# -gt 0 ]; do
  case $1 in
    -i|-) _lf_clear=-i; shift ;;
    PATH=*) shift ;;
    *) break ;;
  esac
done
exec ${real} $_lf_clear "PATH=$PATH" "LANDFALL_LAB=$LANDFALL_LAB" "LANDFALL_LAB_PRIVATE=$LANDFALL_LAB_PRIVATE" "$@"
`;

/**
 * find on a host: what it prints are the host's own paths. `-print0` is left as it is, because what is printed then goes
 * to another program, which maps it by itself.
 */
const findShim = (host: SimHost, lab: string, real: string, sed: string): string => {
  const back = [...host.mounts]
    .sort((a, b) => b.directory.length - a.directory.length)
    .filter(({ type }) => type !== 'proc')
    .map(({ path: at, directory }) => {
      const pattern = directory.replace(/[.[\\\]*^$,]/g, '\\$&');
      const place = at === '/' ? '' : at.replace(/[\\&,]/g, '\\$&');
      return `s,^${pattern}\\(/\\|$\\),${place}\\1,;t`;
    });
  return `#!/bin/sh
_lf_tool=find _lf_style=plain
case " $* " in *' -print0 '*) _lf_plain=1 ;; esac
. ${quote(path.join(host.directory, 'lib', 'map.sh'))}
. ${quote(path.join(lab, 'lib', 'words.sh'))}
[ "$_lf_plain" ] && exec ${real} "$@"
exec 4>&1
_lf_rc=$({ { ${real} "$@" 3>&- 4>&-; echo $? >&3; } | ${sed} ${quote(back.join('\n'))} >&4 3>&-; } 3>&1)
exit "$_lf_rc"
`;
};

export const SUDO_SHIM = `#!/bin/sh
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

export function simulatedShim(host: SimHost, tool: string, lab: string): string {
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
