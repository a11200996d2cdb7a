import type { Command, Reply } from '../../src/evacuation/engine/command.ts';
import type { Session, Snapshot } from '../../src/evacuation/engine/session.ts';
import { type Clock, systemClock } from '../../src/foundation/clock.ts';
import { openUi } from '../../src/tui/open.tsx';
import type { UiEnd, UiOptions } from '../../src/tui/options.ts';
import type { Services } from '../../src/tui/services.ts';
import { type OpenTerminal, openTerminal } from './terminal.ts';

/** The screens in a terminal in memory, over a session that a test holds in its hand. */

export interface HeldSession extends Session {
  /** What was ordered, oldest first. */
  readonly orders: readonly Command[];
  /** Replaces the snapshot and tells whoever listens. */
  change(next: Partial<Snapshot>): void;
}

export function heldSession(first: Snapshot, reply: (command: Command) => Reply = taken): HeldSession {
  let snapshot = first;
  const listeners = new Set<() => void>();
  const orders: Command[] = [];
  return {
    name: first.name,
    orders,
    snapshot: () => snapshot,
    subscribe: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    send: command => {
      orders.push(command);
      return Promise.resolve(reply(command));
    },
    change: next => {
      snapshot = { ...snapshot, ...next };
      for (const listener of listeners) listener();
    },
    close: () => Promise.resolve(),
  };
}

const taken = (command: Command): Reply => ({ ok: true, said: `${command.kind} taken` });

export function snapshotOf(parts: Pick<Snapshot, 'plan' | 'state'> & Partial<Snapshot>): Snapshot {
  return {
    name: parts.plan.name,
    directory: `/var/lib/landfall/${parts.plan.name}`,
    connection: 'live',
    samples: {},
    clients: [],
    events: [],
    commands: [],
    tornBytes: 0,
    ...parts,
  };
}

export interface OpenedUi {
  readonly terminal: OpenTerminal;
  /** Resolves when the engineer has left. */
  readonly over: Promise<UiEnd>;
  readonly close: () => Promise<void>;
}

export interface UiSetup {
  readonly session?: Session;
  readonly services?: Partial<Services>;
  readonly columns?: number;
  readonly rows?: number;
  readonly colour?: boolean;
  readonly clock?: Clock;
  readonly options?: Partial<UiOptions>;
}

/** Services of a test: what it does not give is refused, or brings nothing. */
export function servicesOf(session: Session | undefined, given: Partial<Services> = {}): Services {
  const absent = (): Promise<never> => Promise.reject(new Error('this test has no such service'));
  return {
    evacuations: () => Promise.resolve([]),
    plans: () => Promise.resolve([]),
    open: () => (session === undefined ? absent() : Promise.resolve(session)),
    start: absent,
    rehearse: absent,
    examine: () => Promise.resolve([]),
    saveReport: absent,
    tail: () => Promise.resolve([]),
    notes: () => Promise.resolve([]),
    proposePlan: absent,
    findMachines: absent,
    readPlan: absent,
    savePlan: absent,
    ...given,
  };
}

/** Opens the screens and waits until the first of them stands. */
export async function openScreens(setup: UiSetup = {}): Promise<OpenedUi> {
  const { columns = 120, rows = 40, colour = false, session } = setup;
  const terminal = await openTerminal({ columns, rows, colour });
  const abort = new AbortController();
  const over = openUi({
    services: servicesOf(session, setup.services),
    clock: setup.clock ?? systemClock,
    who: 'dana',
    begin: session === undefined ? { kind: 'home' } : { kind: 'evacuation', name: session.name },
    terminal: terminal.streams,
    unicode: true,
    theme: 'dark',
    screenReader: false,
    incremental: true,
    signal: abort.signal,
    stopProcess: () => Promise.resolve(),
    ...setup.options,
  });
  await terminal.screen.waitFor(session === undefined ? 'landfall' : session.name);
  await terminal.settle();
  return {
    terminal,
    over,
    close: async () => {
      abort.abort();
      await over;
      await terminal.close();
    },
  };
}
