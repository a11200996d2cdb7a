import type { Group } from './group.ts';

/**
 * Which files of databases and the like are open, by what processes: the kernel's own tables, no lsof. Only names that
 * speak for themselves are told, and not more of them than a person would read.
 */

/** Names at the end of a path, and parts of a path, that no other program uses. */
const NAMES =
  '(\\.(ibd|frm|MYD|MYI|mdf|ndf|ldf|wt|sst|dbf|bdb|tsm|gdb|fdb)|/(ib_logfile[0-9]+|ibdata[0-9]+|undo_[0-9]+|aria_log[._][0-9a-z]+|WiredTiger[A-Za-z.]*|[^/]*[-.](wal|shm)|dump\\.rdb|appendonly\\.aof[^/]*|__db\\.[0-9]+|data\\.mdb))$';
const PLACES =
  '/(#innodb_redo|pg_wal|pg_xact|pgdata|member/(snap|wal)|base/[0-9]+|global/[0-9]+|nodes/[0-9]+/(indices|_state)|indices/[^/]+/[0-9]+/index)/';

const PARTS = `
root=$1
open() {
  ls -ln /proc/[0-9]*/fd 2>/dev/null | awk -v names='${awk(NAMES)}' -v places='${awk(PLACES)}' '
    /^\\/proc\\/[0-9]+\\/fd:$/ { split($0, part, "/"); pid = part[3]; next }
    {
      at = index($0, " -> /")
      if (at == 0) next
      path = substr($0, at + 4)
      if (path ~ / \\(deleted\\)$/ || path ~ /^\\/(proc|sys|dev|run)\\// || seen[pid, path]++) next
      if (path ~ names || path ~ places) { print pid "\\t" path; if (++count >= 400) exit }
    }'
}
named() {
  while IFS='	' read -r pid path; do
    process=
    { read -r process < "/proc/$pid/comm"; } 2>/dev/null
    printf '%s\\t%s\\n' "$process" "$path"
  done
}
hot() { [ -z "$root" ] || return 1; open | named; }
part hot-files hot
`;

/** awk takes a backslash in an assignment for the beginning of an escape, and the shell's own quote ends the word. */
function awk(pattern: string): string {
  return pattern.replaceAll('\\', '\\\\');
}

export const HOT_FILES: Group = { name: 'hot', parts: PARTS };
