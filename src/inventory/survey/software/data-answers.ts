import type { Answers } from '../learn.ts';
import { rows, shown } from './rows.ts';

/** A process as the collector told of it. */
export interface DataProcess {
  readonly name: string;
  readonly pid: string;
  readonly contained: boolean;
  /** What runs in it, where it is a virtual machine. */
  readonly main: string;
}

/** What the collector told of services that hold data, by process, kind of configuration and place. */
export interface DataAnswers {
  readonly processes: readonly DataProcess[];
  /** Directories that a process was started with or stands in. */
  readonly places: ReadonlyMap<string, readonly string[]>;
  /** Every directory that was found to be there. */
  readonly known: readonly string[];
  readonly configured: ReadonlyMap<string, readonly string[]>;
  /** What configurations and places say of copies. */
  readonly copies: ReadonlyMap<string, readonly string[]>;
  readonly bytes: ReadonlyMap<string, number>;
}

/** Undefined where nobody could look at the processes: that is told as a gap. */
export function readDataAnswers(answers: Answers): DataAnswers | undefined {
  const what = 'services that hold data';
  const processes = answers.learn(what, 'data-processes', rows);
  if (processes === undefined) return undefined;
  const configured = answers.learn(`configurations of ${what}`, 'data-configurations', rows) ?? [];
  const places = answers.learn(`places of ${what}`, 'data-places', rows) ?? [];
  const copies = answers.learn(`replication of ${what}`, 'data-copies', rows) ?? [];
  const sizes = answers.learn(`sizes of ${what}`, 'data-sizes', rows) ?? [];
  const named = (mark: string): string =>
    sizes.flatMap(([kind, place = '']) => (kind === mark ? [place] : [])).join(', ');
  const help = 'du -skx DIRECTORY';
  if (named('cut') !== '') answers.gap(`sizes of ${what}`, 'timed-out', named('cut'), help);
  if (named('closed') !== '') answers.gap(`sizes of ${what}`, 'needs-root', named('closed'), help);
  return {
    processes: processes.flatMap(([kind, name = '', pid = '', mark, main = '']) =>
      kind === 'process' && name !== ''
        ? [{ name: shown(name, 64), pid, contained: mark === 'contained', main: main.trim() }]
        : [],
    ),
    places: grouped(processes.filter(([kind]) => kind === 'place')),
    known: places.flatMap(([place = '']) => (place.startsWith('/') ? [shown(place, 500)] : [])),
    configured: grouped(configured.filter(([kind]) => kind === 'config')),
    copies: grouped([...configured.filter(([kind]) => kind === 'copy'), ...copies]),
    bytes: new Map(
      sizes.flatMap(([kind, place = '', size = '']) =>
        kind === 'size' && /^\d{1,12}$/.test(size) ? [[shown(place, 500), Number(size) * 1024]] : [],
      ),
    ),
  };
}

/** The third field by the second, each once. */
function grouped(lines: readonly string[][]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [, key, value] of lines) {
    if (key === undefined || value === undefined) continue;
    const list = found.get(shown(key, 500)) ?? [];
    if (list.length < 20 && !list.includes(shown(value, 500))) list.push(shown(value, 500));
    found.set(shown(key, 500), list);
  }
  return found;
}

/** Ports on which a process listens, by its number; of the kernel's own by nothing. */
export function portsByPid(text: string): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const line of text.split('\n')) {
    const [, port, rest] = /^(?:tcp|udp)\s+\S+\s+\d+\s+\d+\s+\S+:(\d{1,5})\s+\S+\s*(.*)$/.exec(line) ?? [];
    if (port === undefined || rest === undefined) continue;
    const pids = [...rest.matchAll(/\("[^"]*",(?:pid=)?(\d+)/g)].map(([, pid = '']) => pid);
    for (const pid of pids.length === 0 ? [''] : pids) {
      const list = found.get(pid) ?? [];
      if (!list.includes(Number(port))) found.set(pid, [...list, Number(port)]);
    }
  }
  return found;
}
