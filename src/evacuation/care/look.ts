import { asLandfallError } from '../../foundation/errors.ts';
import type { Host, HostArgv } from '../../remote/host.ts';

/** A cheap look at a host on which landfall works: one command, a few lines, nothing written. */

/**
 * Arguments: a directory of which the free space is asked (or `-`), then LVM snapshots as `vg/name`. What a host does not
 * have is left out. The nearest directory that is there stands for one that is not.
 */
export const CARE_SCRIPT = `LC_ALL=C
export LC_ALL
{ read -r load rest < /proc/loadavg; } 2>&- && echo "load $load"
grep -c '^processor' /proc/cpuinfo | sed 's/^/cores /'
grep '^cpu ' /proc/stat
grep '^MemAvailable:' /proc/meminfo
place=$1
shift
if [ "$place" != - ]; then
  while [ ! -d "$place" ] && [ "$place" != / ] && [ -n "$place" ]; do place=\${place%/*}; done
  df -Pk -- "\${place:-/}" | sed -n '2s/.* \\([0-9][0-9]*\\)  *[0-9]*%.*/free \\1/p'
fi
for snapshot do
  percent=$(lvs --noheadings -o data_percent "$snapshot" 2>&-) && echo "snapshot $snapshot $percent"
done
exit 0
`;

/** What a host said of itself. Absent: it did not say. */
export interface CareSample {
  /** By our own monotonic clock, ms: the host's clock may jump. */
  readonly at: number;
  readonly load?: number;
  readonly cores?: number;
  /** Ticks since it was started, all and those in which it waited for its disks. */
  readonly ticks?: number;
  readonly waited?: number;
  /** Bytes. */
  readonly available?: number;
  readonly free?: number;
  readonly snapshots: readonly { readonly name: string; readonly percent: number }[];
}

export interface Place {
  readonly host: string;
  readonly scratch?: string | undefined;
  readonly snapshots?: readonly string[];
}

const PATIENCE_MS = 10_000;

/** Asks once; the words of the trouble where it does not answer. */
export async function lookAt(
  { scratch, snapshots = [] }: Place,
  open: () => Promise<Host>,
  at: () => number,
  signal: AbortSignal,
): Promise<CareSample | string> {
  const argv: HostArgv = ['sh', '-c', CARE_SCRIPT, 'sh', scratch ?? '-', ...snapshots];
  try {
    const host = await open();
    const { stdout } = await host.exec(argv, { timeoutMs: PATIENCE_MS, maxBytes: 16_384, signal });
    return readLook(stdout.toString('latin1'), at());
  } catch (thrown) {
    return asLandfallError(thrown).facts.what;
  }
}

export function readLook(text: string, at: number): CareSample {
  const sample: { -readonly [K in keyof CareSample]: CareSample[K] } = { at, snapshots: [] };
  const snapshots: { name: string; percent: number }[] = [];
  for (const line of text.split('\n')) {
    const [word = '', ...values] = line.trim().split(/\s+/);
    const numbers = values.map(Number);
    const [first] = numbers;
    if (word === 'snapshot' && values.length === 2 && isCount(numbers[1]))
      snapshots.push({ name: values[0] ?? '', percent: numbers[1] });
    if (!isCount(first)) continue;
    if (word === 'load') sample.load = first;
    else if (word === 'cores' && first > 0) sample.cores = first;
    else if (word === 'MemAvailable:') sample.available = first * 1024;
    else if (word === 'free') sample.free = first * 1024;
    // proc(5): user nice system idle iowait irq softirq steal; guest times are within user.
    else if (word === 'cpu' && numbers.length >= 5 && numbers.every(isCount)) {
      sample.ticks = numbers.slice(0, 8).reduce((sum, value) => sum + value, 0);
      sample.waited = numbers[4] ?? 0;
    }
  }
  return { ...sample, snapshots };
}

const isCount = (value: number | undefined): value is number =>
  value !== undefined && Number.isFinite(value) && value >= 0;
