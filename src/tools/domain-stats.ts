/** What `virsh domstats --raw` tells of one domain; of one that does not run, its state and its disks' sizes at most. */
export interface DomainStats {
  /** In the words of `virsh domstate`; undefined where libvirt says something newer. */
  readonly state: string | undefined;
  readonly disks: readonly DiskStats[];
}

/** Bytes; of reads and writes, since the domain was started. */
export interface DiskStats {
  readonly target: string;
  readonly capacity: number | undefined;
  readonly allocation: number | undefined;
  readonly read: number | undefined;
  readonly written: number | undefined;
}

/** libvirt's virDomainState, by its number. */
const STATES = ['no state', 'running', 'idle', 'paused', 'in shutdown', 'shut off', 'crashed', 'pmsuspended'];

/** More disks than this no domain has; a number in an answer must not make a loop. */
const MOST_DISKS = 512;

/** By name of the domain. What is no such answer gives none. */
export function parseDomainStats(text: string): Map<string, DomainStats> {
  const found = new Map<string, DomainStats>();
  let values = new Map<string, string>();
  let name: string | undefined;
  const close = (): void => {
    if (name !== undefined) found.set(name, statsOf(values));
  };
  for (const line of text.split(/\r?\n/)) {
    const heading = /^Domain: '(.*)'\s*$/.exec(line)?.[1];
    if (heading !== undefined) {
      close();
      [name, values] = [heading, new Map()];
      continue;
    }
    const [, key, value] = /^\s+([\w.-]+)=(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) values.set(key, value);
  }
  close();
  return found;
}

function statsOf(values: ReadonlyMap<string, string>): DomainStats {
  const number = (key: string): number | undefined => wholeNumber(values.get(key));
  const state = number('state.state');
  const count = Math.min(number('block.count') ?? 0, MOST_DISKS);
  const disks = Array.from({ length: count }, (_, at) => at).flatMap((at): DiskStats[] => {
    const target = values.get(`block.${at}.name`);
    if (target === undefined) return [];
    return [
      {
        target,
        capacity: number(`block.${at}.capacity`),
        allocation: number(`block.${at}.allocation`),
        read: number(`block.${at}.rd.bytes`),
        written: number(`block.${at}.wr.bytes`),
      },
    ];
  });
  return { state: state === undefined ? undefined : STATES[state], disks };
}

/** What is no number that can be counted with is none. */
function wholeNumber(text: string | undefined): number | undefined {
  const value = text !== undefined && /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** `virsh blockjob DOMAIN DISK --info`: the job in virsh's words; undefined where none runs or nothing is said of one. */
export function blockJobOf(text: string): string | undefined {
  const [first = ''] = text.trim().split(/\r?\n/);
  return first === '' || /^No current block job\b/.test(first) ? undefined : first;
}
