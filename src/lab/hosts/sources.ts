import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { removeTreeSync } from '../../foundation/remove-tree.ts';
import { hostDirectory, type MachineFacts } from '../world/layout.ts';
import type { SimHost, SourceState, World } from '../world/world.ts';
import { machineHost } from './permanent-hosts.ts';
import { killAll } from './processes.ts';

/** Power of the source machines: they run from the first day, can be shut down and started, and a site can be lost. */

export interface Sources {
  isRunning(machine: string): boolean;
  autostarts(machine: string): boolean;
  setAutostart(machine: string, on: boolean): void;
  /** The guest is asked to end, as by its power button; it does so a moment later. */
  shutdown(machine: string): void;
  /** Answers at once, the boot follows. */
  start(machine: string): void;
  /** Machines whose guests ignore the power button. */
  readonly stubborn: Set<string>;
  /** As by its reset button; resolves when it is up again. */
  reset(machine: string): Promise<void>;
  /** Every host of the source site is gone at once, with what runs on it. */
  lose(): Promise<void>;
  /** Takes up what ran when the lab was closed. */
  resume(): Promise<void>;
  /** No boot or shutdown that has begun comes to its end any more. */
  end(): Promise<void>;
}

export interface SourceHooks {
  readonly bootMs: number;
  up(host: SimHost): Promise<void>;
  down(hostId: string): Promise<void>;
}

export function createSources(world: World, hooks: SourceHooks): Sources {
  const stubborn = new Set<string>();
  /** By machine: what it is about to become. */
  const turns = new Map<string, { readonly stop: AbortController; readonly settled: Promise<unknown> }>();

  const stateOf = (machine: string): SourceState => world.state.sources[machine] ?? {};
  const put = (machine: string, changes: SourceState): void => {
    world.state.sources[machine] = { ...stateOf(machine), ...changes };
    world.changed();
  };
  const factsOf = (name: string): MachineFacts => {
    const facts = world.machines.find(found => found.name === name);
    if (facts === undefined) throw new RangeError(`the lab has no machine ${name}`);
    return facts;
  };

  const cut = async (hostId: string): Promise<void> => {
    await killAll(world.labId, hostId);
    await hooks.down(hostId);
  };

  /** What is in memory only is gone with the power. */
  const off = async (machine: string): Promise<void> => {
    await cut(machine);
    for (const name of ['run', 'tmp']) {
      removeTreeSync(path.join(hostDirectory(world.directory, machine), 'fs', name), world.directory);
    }
    world.frozen.delete(machine);
    put(machine, { off: true, stopped: [] });
    world.log(`${machine}: off`);
  };

  const bring = async (machine: string): Promise<void> => {
    const host = machineHost(world.directory, factsOf(machine), stateOf(machine));
    await hooks.up(host);
  };

  const turn = (machine: string, work: () => Promise<void>): void => {
    const stop = new AbortController();
    const before = turns.get(machine)?.settled ?? Promise.resolve();
    const settled = before
      .then(() => world.clock.sleep(hooks.bootMs, stop.signal))
      .then(work)
      .catch((error: unknown) => {
        if (!stop.signal.aborted) world.log(`${machine}: ${String(error)}`);
      });
    turns.set(machine, { stop, settled });
  };

  return {
    stubborn,
    isRunning: machine => stateOf(machine).off !== true,
    autostarts: machine => stateOf(machine).autostart ?? true,
    setAutostart: (machine, on) => put(machine, { autostart: on }),
    shutdown(machine) {
      if (!stubborn.has(machine)) turn(machine, () => off(machine));
    },
    start(machine) {
      put(machine, { off: false, stopped: [], bootId: randomUUID() });
      turn(machine, async () => {
        await bring(machine);
        world.log(`${machine}: up again`);
      });
    },
    async reset(machine) {
      await off(machine);
      put(machine, { off: false, stopped: [], bootId: randomUUID() });
      await world.clock.sleep(hooks.bootMs);
      await bring(machine);
      world.log(`${machine}: up again`);
    },
    async lose() {
      world.state.isSourceLost = true;
      for (const { stop } of turns.values()) stop.abort();
      const hosts = [...world.hosts.values()].filter(({ site }) => site === 'source');
      await Promise.all(hosts.map(({ id }) => cut(id)));
      world.changed();
      world.log('the source site is lost');
    },
    async resume() {
      if (world.state.isSourceLost) return;
      for (const { name } of world.machines) if (stateOf(name).off !== true) await bring(name);
    },
    async end() {
      for (const { stop } of turns.values()) stop.abort();
      await Promise.all([...turns.values()].map(({ settled }) => settled));
    },
  };
}
