import { asLandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import { get } from '../../journal/maps.ts';
import type { State } from '../../journal/state.ts';
import { hasLogin } from '../../plan/login.ts';
import type { Plan } from '../../plan/schema.ts';
import type { Host } from '../../remote/host.ts';
import { blocksLeftovers, hasUsedBlocks, listSnapshots } from '../../sync/index.ts';

/** One thing that bears landfall's mark on a host. */
export interface Leftover {
  readonly host: string;
  readonly kind:
    | 'job'
    | 'file'
    | 'key'
    | 'pieces'
    | 'snapshot'
    | 'checkpoint'
    | 'backup'
    | 'incoming'
    | 'partial';
  /** Its path or name, harmless text. */
  readonly name: string;
  /** Whose it is; absent where its name does not say. */
  readonly evacuation?: string;
  /** Seconds since it was made or changed, by the host's own clock; absent where nobody knows, negative never. */
  readonly ageSeconds?: number;
  /** A job whose process lives. */
  readonly running?: boolean;
  /** That evacuation is steered by an engine right now. */
  readonly inUse: boolean;
}

export interface Leftovers {
  readonly found: readonly Leftover[];
  /** Hosts that could not be asked: what is on them is not known. */
  readonly unasked: readonly { readonly host: string; readonly why: string }[];
}

export interface LeftoverParts {
  readonly plan: Plan;
  readonly state: State;
  readonly host: (id: string) => Promise<Host>;
  /** Names of evacuations that an engine steers now. */
  readonly running: ReadonlySet<string>;
}

/**
 * Reads only. `$1`: where jobs live; then directories of pieces. A line each: `job EVACUATION NAME AGE running|over`,
 * `file EVACUATION NAME AGE`, `pieces PATH AGE`, `key COMMENT`. A clock that was set back makes no age negative.
 */
export const LEFTOVERS_SCRIPT = `LC_ALL=C
export LC_ALL
run=$1
shift
now=$(date +%s)
age() {
  at=$(stat -c %Y -- "$1" 2>&-) || at=$now
  age=$((now - at))
  [ "$age" -ge 0 ] || age=0
}
for dir in "$run"/*/; do
  [ -d "$dir" ] || continue
  dir=\${dir%/}
  evacuation=\${dir##*/}
  for entry in "$dir"/* "$dir"/.[!.]*; do
    [ -e "$entry" ] || continue
    age "$entry"
    if [ -e "$entry/argv" ]; then
      how=over
      if [ ! -e "$entry/code" ] && { read -r pid rest < "$entry/pid"; } 2>&- && [ -d "/proc/$pid" ]; then how=running; fi
      printf 'job %s %s %s %s\\n' "$evacuation" "\${entry##*/}" "$age" "$how"
    else
      printf 'file %s %s %s\\n' "$evacuation" "\${entry##*/}" "$age"
    fi
  done
done
for place do
  for entry in "$place"/*/* "$place"/*/.[!.]*; do
    [ -e "$entry" ] || continue
    age "$entry"
    printf 'pieces %s %s\\n' "$age" "$entry"
  done
done
keys() {
  [ ! -r "$1/.ssh/authorized_keys" ] ||
    sed -n 's/^.*[[:space:]]\\(landfall:[^[:space:]]*\\)[[:space:]]*$/key \\1/p' "$1/.ssh/authorized_keys"
}
keys "$HOME"
# Keys of a hypervisor are those of the user who logs in there.
if [ -n "\${SUDO_USER:-}" ]; then
  login=$(getent passwd "$SUDO_USER" | cut -d: -f6)
  case $login in '' | "$HOME") ;; *) keys "$login" ;; esac
fi
exit 0
`;

/** `$@`: roots of a replica. What broken transfers have left there. */
const PARTIAL_SCRIPT = `for root do
  find "$root" -xdev -type d -name .rsync-partial -prune 2>&-
done
exit 0
`;

const RUN = '/run/landfall';
const PATIENCE_MS = 30_000;

/** Everything of landfall that is on the hosts of a plan. Never rejects for a host that does not answer: it says so. */
export async function findLeftovers(parts: LeftoverParts, signal: AbortSignal): Promise<Leftovers> {
  const { plan, state } = parts;
  const unasked: { host: string; why: string }[] = [];
  const asking = async (id: string, ask: (host: Host) => Promise<Leftover[]>): Promise<Leftover[]> => {
    try {
      return await ask(await parts.host(id));
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      // Asked for several things: named once.
      if (!unasked.some(({ host }) => host === id))
        unasked.push({ host: id, why: harmless(asLandfallError(thrown).facts.what) });
      return [];
    }
  };
  const general = (id: string, ...places: readonly string[]): Promise<Leftover[]> =>
    asking(id, async host => {
      const argv = ['sh', '-c', LEFTOVERS_SCRIPT, 'sh', RUN, ...places] as const;
      const called = 'a look for what landfall has left';
      const { stdout } = await host.exec(argv, { timeoutMs: PATIENCE_MS, signal, called });
      return readLeftovers(id, stdout.toString('utf8'), parts.running);
    });
  const own = { evacuation: plan.name, inUse: parts.running.has(plan.name) };

  const machines = Object.keys(plan.machines);
  const found = await Promise.all([
    ...Object.entries(plan.hypervisors).map(([id, { scratch }]) => general(id, scratch)),
    ...machines.filter(machine => hasLogin(plan, machine)).map(machine => general(machine)),
    ...machines
      .filter(machine => hasLogin(plan, machine))
      .map(machine => asking(machine, host => snapshotsOf(host, parts, machine, signal))),
    ...machines
      .filter(machine => hasUsedBlocks({ plan, state }, machine))
      .map(machine =>
        asking(plan.machines[machine]?.source.hypervisor ?? machine, async () => {
          const all = await blocksLeftovers({ plan, state, host: parts.host }, machine, signal);
          // Files and keys have been found by the look at everything.
          return all
            .filter(({ kind }) => kind !== 'file' && kind !== 'key')
            .map(
              ({ host, kind, name }): Leftover => ({
                ...{ host, name, ...own },
                kind: kind === 'checkpoint' || kind === 'backup' ? kind : 'incoming',
              }),
            );
        }),
      ),
    ...machines
      .filter(machine => get(state.machines, machine)?.receiver?.hostKey !== undefined)
      .map(machine => receiverOf(parts, machine, asking, general, signal)),
  ]);
  return { found: found.flat().toSorted(byPlace), unasked };
}

type Asking = (id: string, ask: (host: Host) => Promise<Leftover[]>) => Promise<Leftover[]>;

async function receiverOf(
  { plan, state, running }: LeftoverParts,
  machine: string,
  asking: Asking,
  general: (id: string) => Promise<Leftover[]>,
  signal: AbortSignal,
): Promise<Leftover[]> {
  const id = `${machine}.receiver`;
  const mounts = get(state.machines, machine)?.receiver?.prepared?.mounts ?? [];
  const roots = mounts.map(({ mountpoint }) => (mountpoint === '/' ? '/mnt/t' : `/mnt/t${mountpoint}`));
  const partial = await asking(id, async host => {
    if (roots.length === 0) return [];
    const argv = ['sh', '-c', PARTIAL_SCRIPT, 'sh', ...roots] as const;
    const { stdout } = await host.exec(argv, { timeoutMs: 10 * PATIENCE_MS, signal });
    return lines(stdout.toString('utf8')).map(
      (name): Leftover => ({
        ...{ host: id, kind: 'partial', name: harmless(name), evacuation: plan.name },
        inUse: running.has(plan.name),
      }),
    );
  });
  // One that could not be asked is named once.
  return partial.length === 0 && roots.length > 0 ? general(id) : [...partial, ...(await general(id))];
}

async function snapshotsOf(
  host: Host,
  { plan, state, running }: LeftoverParts,
  machine: string,
  signal: AbortSignal,
): Promise<Leftover[]> {
  const fileSystems = get(state.machines, machine)?.observed?.guest.fileSystems ?? [];
  const btrfs = fileSystems.filter(({ type }) => type === 'btrfs').map(({ mountpoint }) => mountpoint);
  const own = await listSnapshots(host, btrfs, signal);
  const names = new Set([plan.name, ...running]);
  return own.map(
    ({ snapshot, evacuation }): Leftover => ({
      ...{ host: machine, kind: 'snapshot', name: snapshot, evacuation },
      inUse: names.has(evacuation) && running.has(evacuation),
    }),
  );
}

/** What the script prints; lines that are none of it are left out. */
export function readLeftovers(host: string, text: string, running: ReadonlySet<string>): Leftover[] {
  return lines(text).flatMap((line): Leftover[] => {
    const [, evacuation = '', name = '', age = '', how] =
      /^(?:job|file) (\S+) (.+) (\d+)(?: (running|over))?$/.exec(line) ?? [];
    if (name !== '')
      return [
        {
          ...{ host, name: harmless(name), evacuation: harmless(evacuation), ageSeconds: Number(age) },
          kind: line.startsWith('job ') && how !== undefined ? 'job' : 'file',
          ...(how === 'running' ? { running: true } : {}),
          inUse: running.has(evacuation),
        },
      ];
    const [, seconds, path] = /^pieces (\d+) (.+)$/.exec(line) ?? [];
    if (path !== undefined) {
      const owner = path.split('/').at(-2) ?? '';
      return [
        {
          ...{ host, kind: 'pieces', name: harmless(path), evacuation: harmless(owner) },
          ageSeconds: Number(seconds),
          inUse: running.has(owner),
        },
      ];
    }
    const [, comment, owner = ''] = /^key (landfall:([^:]+).*)$/.exec(line) ?? [];
    return comment === undefined
      ? []
      : [
          {
            ...{ host, kind: 'key', name: harmless(comment), evacuation: harmless(owner) },
            inUse: running.has(owner),
          },
        ];
  });
}

const lines = (text: string): string[] => text.split('\n').filter(line => line !== '');

const byPlace = (a: Leftover, b: Leftover): number =>
  a.host.localeCompare(b.host, 'en') ||
  a.kind.localeCompare(b.kind, 'en') ||
  a.name.localeCompare(b.name, 'en');
