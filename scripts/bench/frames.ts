import { setTimeout as elapsed, setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { KEPT, type Session, type Snapshot } from '../../src/evacuation/engine/session.ts';
import type { Clock } from '../../src/foundation/clock.ts';
import type { Event } from '../../src/journal/events.ts';
import { apply } from '../../src/journal/fold.ts';
import { openUi } from '../../src/tui/open.tsx';
import { type Fleet, fleetOf, fleetTraffic } from '../../test/support/fleet.ts';
import { heldSession, servicesOf, snapshotOf } from '../../test/support/ui.ts';
import { openBareInk } from './bare-ink.ts';
import { conditions } from './conditions.ts';
import { type Spread, shown, spread } from './figures.ts';
import { type MemoryTerminal, memoryTerminal } from './memory-terminal.ts';

const HELP = `scripts/bench/frames: what a frame of the screens costs

Usage: scripts/bench/frames [OPTIONS]

A terminal in memory, the overview of an evacuation, and a held session that tells events as an engine would. A frame is
everything between a key press and the last byte for it: intent, store, figures of every machine, lines, React, Ink.
Wall time is what an engineer waits; processor time is what the frame costs. Beside them a bare Ink program that moves
a cursor over as many rows. Then the processor's share of the UI when nothing happens but the clock, and under events;
and the heap over many events.

Options:
  --machines N    machines of the evacuation (default 500)
  --events N      events a second (default 50)
  --size CxR      of the terminal (default 120x40)
  --keys N        keys measured (default 60)
  --seconds N     length of the measurements of the processor's share (default 15)
  --hour N        events of the measurement of memory (default 20000; an hour brings 180000 and takes minutes)
  --json          one JSON object on stdout
  -h, --help      this text

Nothing is asserted: the exit code is 0 when it could measure.
`;

const { values } = parseArgs({
  options: {
    machines: { type: 'string', default: '500' },
    events: { type: 'string', default: '50' },
    size: { type: 'string', default: '120x40' },
    keys: { type: 'string', default: '60' },
    seconds: { type: 'string', default: '15' },
    hour: { type: 'string', default: '20000' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const [columns = 120, rows = 40] = values.size.split('x').map(Number);
const seconds = Number(values.seconds);

if (values.help) process.stdout.write(HELP);
else await main();

interface Keyed {
  readonly wall: Spread;
  readonly cpu: Spread;
}

async function main(): Promise<void> {
  const around = await conditions();
  const fleet = fleetOf(Number(values.machines));
  const bare = await measureBare();
  const idle = await inUi(fleet, async ui => ({ keys: await keysIn(ui.terminal), share: await shareOf() }));
  const busy = await inUi(fleet, async ui => {
    const stop = ui.tell(Number(values.events));
    const figures = { keys: await keysIn(ui.terminal), share: await shareOf() };
    stop();
    return figures;
  });
  const heap = await inUi(fleet, ui => heapOver(ui, Number(values.hour)));
  const results = { bare, idle, busy, heap };
  if (values.json) {
    process.stdout.write(
      `${JSON.stringify({ v: 1, type: 'bench.frames', options: values, conditions: around, ...results })}\n`,
    );
    return;
  }
  const keyed = (name: string, { wall, cpu }: Keyed): string =>
    `${name.padEnd(34)} ${shown(wall, 1).padEnd(22)} ${shown(cpu, 1).padEnd(22)} ${(cpu.median / bare.cpu.median).toFixed(1)}\n`;
  process.stdout.write(
    `${around.at}  ${around.cores} cores  ${around.cpu}  load ${around.loadBefore.toFixed(2)}  Node ${around.node}\n` +
      `${values.machines} machines, ${values.events} events/s, ${values.size}; median (min … max)\n\n` +
      `${'key to frame, ms'.padEnd(34)} ${'wall'.padEnd(22)} ${'processor'.padEnd(22)} x bare\n` +
      keyed('bare Ink', bare) +
      keyed('landfall, nothing happens', idle.keys) +
      keyed('landfall, under events', busy.keys) +
      `\nprocessor, % of a core: ${idle.share.toFixed(2)} with a tick a second, ${busy.share.toFixed(1)} under events\n` +
      `heap, MB: ${heap.map(each => each.toFixed(1)).join(' -> ')} over ${values.hour} events\n`,
  );
}

interface OpenedUi {
  readonly terminal: MemoryTerminal;
  /** Tells events at a pace until the function that it returns is called. */
  readonly tell: (perSecond: number) => () => void;
  readonly next: () => void;
}

async function inUi<T>(fleet: Fleet, measure: (ui: OpenedUi) => Promise<T>): Promise<T> {
  const terminal = memoryTerminal(columns, rows);
  const traffic = fleetTraffic(fleet);
  const session = heldSession(snapshotOf(fleet));
  const abort = new AbortController();
  let snapshot: Snapshot = session.snapshot();
  const next = (): void => {
    const event = traffic.next().value;
    if (event === undefined) return;
    const events: readonly Event[] = [...snapshot.events.slice(1 - KEPT.events), event];
    snapshot = { ...snapshot, events, state: apply(snapshot.state, event) };
    session.change({ events, state: snapshot.state });
  };
  const over = openUi({
    services: servicesOf(session satisfies Session),
    clock: clockFrom(fleet.now),
    who: 'bench',
    begin: { kind: 'evacuation', name: session.name },
    terminal: terminal.streams,
    unicode: true,
    theme: 'dark',
    screenReader: false,
    incremental: true,
    signal: abort.signal,
    stopProcess: () => Promise.resolve(),
  });
  await quiet(terminal);
  terminal.type('0');
  await quiet(terminal);
  const result = await measure({
    terminal,
    next,
    tell: perSecond => {
      const timer = setInterval(next, 1000 / perSecond);
      return () => clearInterval(timer);
    },
  });
  abort.abort();
  await over;
  return result;
}

/** The time of the evacuation, running on from its last event. */
function clockFrom(start: number): Clock {
  const began = performance.now();
  return {
    now: () => start + performance.now() - began,
    monotonic: () => performance.now(),
    sleep: (ms, signal) => elapsed(ms, undefined, signal === undefined ? {} : { signal }),
  };
}

/** Until nothing was written for a while. */
async function quiet(terminal: MemoryTerminal): Promise<void> {
  for (let seen = -1; seen !== terminal.writes(); ) {
    seen = terminal.writes();
    await elapsed(300);
  }
}

async function measureBare(): Promise<Keyed> {
  const { terminal, close } = openBareInk(columns, rows);
  await quiet(terminal);
  const result = await keysIn(terminal);
  close();
  return result;
}

/** Presses a key, waits for the frame, lets a frame's time pass, and again. The first few are not counted. */
async function keysIn(terminal: MemoryTerminal): Promise<Keyed> {
  const wall: number[] = [];
  const cpu: number[] = [];
  const count = Number(values.keys);
  for (let index = -10; index < count; index += 1) {
    const before = process.cpuUsage();
    const began = performance.now();
    terminal.type(index % 20 < 10 ? 'j' : 'k');
    await terminal.written();
    await nextTurn();
    const { user, system } = process.cpuUsage(before);
    if (index >= 0) {
      wall.push(performance.now() - began);
      cpu.push((user + system) / 1000);
    }
    // Longer than Ink holds frames back, and never in step with the clock's second.
    await elapsed(47);
  }
  return { wall: spread(wall), cpu: spread(cpu) };
}

/** The processor's share of this process over some seconds, % of one core. */
async function shareOf(): Promise<number> {
  const before = process.cpuUsage();
  const began = performance.now();
  await elapsed(seconds * 1000);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 10 / (performance.now() - began);
}

/** Megabytes of heap in use before, halfway and after many events, garbage collected. */
async function heapOver(ui: OpenedUi, events: number): Promise<number[]> {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  const used = (): number => {
    if (typeof collect === 'function') collect();
    return process.memoryUsage().heapUsed / 1e6;
  };
  for (let index = 0; index < KEPT.events; index += 1) ui.next();
  await elapsed(500);
  const heap = [used()];
  for (let index = 1; index <= events; index += 1) {
    ui.next();
    if (index % 100 === 0) await nextTurn();
    if (index % Math.ceil(events / 2) === 0 || index === events) {
      await elapsed(500);
      heap.push(used());
    }
  }
  return heap;
}
