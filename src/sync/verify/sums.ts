import type { Action } from '../../step/action.ts';
import type { View } from '../../step/step.ts';
import { leavesOut } from '../movers/files/exclude.ts';
import { destinationOf, receiverOf, runtimeDirectory, verifyJob } from '../names.ts';
import { excludeFacts, type JobAction, type RunPlan } from '../pass-actions.ts';

/**
 * Contents compared by sums that each side makes of its own files, where not every byte is to be read, or not at full
 * speed: rsync can do neither, and its --bwlimit does not hold back what it reads to compare.
 */

type ExecAction = Action & { readonly kind: 'exec' };

/**
 * Arguments: directory with \`list\` (names, each ended by NUL), root, bytes per second (0: no limit). One line a name in
 * the order of the list: SHA-256 and size, \`-\` where there is no such file, \`!\` where it cannot be read. Nothing of a name
 * is printed.
 * A file larger than what one second may read is read in slices, with a second between them; smaller ones are added up.
 */
export const SUMS_SCRIPT = `LC_ALL=C
export LC_ALL
cd -- "$2" || exit
echo 0 > "$1/debt" || exit
exec xargs -0 -n 200 sh -c '
limit=$0 own=$1
shift
{ read -r debt < "$own/debt"; } 2>&-
slices() {
  while dd bs=65536 count="$((limit / 65536 + 1))" 2> "$own/slice" && ! grep -q "^0+0 " "$own/slice"; do sleep 1; done
}
none() { if [ -f "$name" ] && [ ! -h "$name" ]; then echo !; else echo -; fi; }
for name do
  if [ ! -f "$name" ] || [ -h "$name" ] || [ ! -r "$name" ]; then none; continue; fi
  size=$(stat -c %s -- "$name") || { none; continue; }
  if [ "$limit" -gt 0 ] && [ "$size" -gt "$limit" ]; then
    sum=$(slices < "$name" | sha256sum)
  else
    sum=$(sha256sum < "$name") || { none; continue; }
    debt=$((debt + size))
  fi
  printf "%s %s\\\\n" "\${sum%% *}" "$size"
  while [ "$limit" -gt 0 ] && [ "$debt" -ge "$limit" ]; do sleep 1; debt=$((debt - limit)); done
done
echo "$debt" > "$own/debt"
' "$3" "$1" < "$1/list"
`;

/** Arguments: root. The names of its files from there, each with `./` in front and NUL at the end. */
const NAMES_SCRIPT = `cd -- "$1" && exec find . -xdev -type f -print0
`;

/** Arguments: file. Its content comes on standard input. */
const LIST_SCRIPT = `umask 077
mkdir -p -- "\${1%/*}" && exec cat > "$1"
`;

export interface SumsPlan {
  /** The names of all files that the replica holds, each ended by NUL: what travelled, and nothing of production is read for it. */
  readonly names: ExecAction & { readonly argv: readonly [string, ...string[]] };
  readonly lists: readonly [source: ExecAction, replica: ExecAction];
  /** Names that no pass brings: what lies there at the target is not the source's. */
  readonly leavesOut: (name: Buffer) => boolean;
  readonly jobs: readonly [source: JobAction, replica: JobAction];
  /** Takes the lists away. */
  readonly clear: readonly [source: ExecAction, replica: ExecAction];
}

/** Both sides of one file system. */
export function sumsPlan(view: View, machine: string, pass: number, index: number, run: RunPlan): SumsPlan {
  const { mountpoint } = run.fileSystem;
  const receiver = receiverOf(machine);
  const place = destinationOf(mountpoint);
  const job = `${verifyJob(machine, pass, index)}-sums`;
  const facts = excludeFacts(view, machine, run.fileSystem);
  const source = side(view, machine, job, mountpoint);
  const replica = side(view, receiver, `${job}-replica`, place);
  return {
    names: {
      kind: 'exec',
      host: receiver,
      argv: ['sh', '-c', NAMES_SCRIPT, 'sh', place],
      reads: true,
      note: 'the files of the replica, of which some are compared by contents',
    },
    lists: [source.list, replica.list],
    leavesOut: facts === undefined ? () => false : leavesOut(facts),
    jobs: [source.job, replica.job],
    clear: [source.clear, replica.clear],
  };
}

function side(
  { plan }: View,
  host: string,
  job: string,
  root: string,
): { readonly list: ExecAction; readonly job: JobAction; readonly clear: ExecAction } {
  const directory = `${runtimeDirectory(plan.name)}/${job}.list`;
  const limit = String(Math.floor(plan.verify.limit ?? 0));
  return {
    list: {
      kind: 'exec',
      host,
      argv: ['sh', '-c', LIST_SCRIPT, 'sh', `${directory}/list`],
      note: 'which files are compared by contents; their names come on standard input',
    },
    job: {
      kind: 'job',
      host,
      job,
      argv: ['sh', '-c', SUMS_SCRIPT, 'sh', directory, root, limit],
      note: 'a SHA-256 for each file of the list',
    },
    clear: { kind: 'exec', host, argv: ['rm', '-rf', '--', directory], note: 'the list of files' },
  };
}

/** In the order of execution. */
export const sumsActions = ({ names, lists, jobs, clear }: SumsPlan): Action[] => [
  names,
  ...lists,
  ...jobs,
  ...clear,
];

/** One line of an answer. */
export interface Sum {
  /** Undefined where the file is there and could not be read. */
  readonly sum: string | undefined;
  readonly size: number;
}

/** Reads an answer a line at a time, undefined where there is no such file; `unreadable` is set by a line that is none. */
export function createSumsReader(): {
  push(chunk: Uint8Array): void;
  readonly sums: readonly (Sum | undefined)[];
  readonly unreadable: boolean;
} {
  const sums: (Sum | undefined)[] = [];
  let rest = '';
  let unreadable = false;
  return {
    push(chunk) {
      const lines = (rest + Buffer.from(chunk).toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [, sum, size] = /^([0-9a-f]{64}) (\d+)$/.exec(line) ?? [];
        if (sum === undefined && line !== '-' && line !== '!') unreadable = true;
        sums.push(line === '-' ? undefined : { sum, size: Number(size ?? 0) });
      }
    },
    sums,
    get unreadable() {
      return unreadable || rest !== '';
    },
  };
}
