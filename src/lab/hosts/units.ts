import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import type { MachineFacts } from '../world/layout.ts';
import type { RunningSystem, SimHost, World } from '../world/world.ts';
import { mapPath } from './mounts.ts';

/** What systemd of a host runs: services, and the timers that its files enable. */

export const UNITS = '/etc/systemd/system';

/** Units that a link in a `.wants` directory starts at boot, with the target that wants them. */
export function wantedUnits(etcSystemd: string): { readonly unit: string; readonly by: string }[] {
  if (!existsSync(etcSystemd)) return [];
  return readdirSync(etcSystemd)
    .filter(name => name.endsWith('.wants'))
    .flatMap(wants =>
      readdirSync(path.join(etcSystemd, wants)).map(unit => ({ unit, by: wants.slice(0, -'.wants'.length) })),
    )
    .sort((a, b) => (a.unit < b.unit ? -1 : 1));
}

export function isMasked(etcSystemd: string, unit: string): boolean {
  const file = path.join(etcSystemd, unit);
  const stat = lstatSync(file, { throwIfNoEntry: false });
  return stat?.isSymbolicLink() === true && readlinkSync(file) === '/dev/null';
}

export interface Unit {
  /** With its ending. */
  readonly name: string;
  readonly state: 'active' | 'inactive' | 'failed';
  /** `running`, `waiting`, `dead`. */
  readonly sub: string;
}

/** Every unit that is loaded, by name. */
export function unitsOf(world: World, host: SimHost): Unit[] {
  const { services, failed, stopped = [] } = host.system;
  const etc = mapPath(world.directory, host.mounts, UNITS);
  const wanted = wantedUnits(etc).filter(({ unit }) => !isMasked(etc, unit));
  const ofService = (name: string): Unit => {
    if (failed.includes(name)) return { name: `${name}.service`, state: 'failed', sub: 'failed' };
    return services.includes(name)
      ? { name: `${name}.service`, state: 'active', sub: 'running' }
      : { name: `${name}.service`, state: 'inactive', sub: 'dead' };
  };
  const enabled = wanted.flatMap(({ unit }) => /^(.*)\.service$/.exec(unit)?.[1] ?? []);
  const names = new Set([...services, ...failed, ...enabled, ...(host.machine?.services ?? [])]);
  const timers = wanted
    .filter(({ by }) => by === 'timers.target')
    .map(
      ({ unit }): Unit =>
        stopped.includes(unit)
          ? { name: unit, state: 'inactive', sub: 'dead' }
          : { name: unit, state: 'active', sub: 'waiting' },
    );
  return [...[...names].map(ofService), ...timers].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Which service holds a listening socket: sshd belongs to ssh, everything else to the machine's own services. */
export function serviceOf(machine: MachineFacts, process: string): string | undefined {
  if (process === 'sshd') return 'ssh';
  const named = machine.daemons.find(name => process.startsWith(name) || name.startsWith(process));
  return named ?? machine.daemons[0];
}

/** A socket listens while its service runs. */
export function listening(machine: MachineFacts, running: readonly string[]): RunningSystem['sockets'] {
  return machine.sockets.filter(([, , process]) => {
    const service = serviceOf(machine, process);
    return service === undefined || running.includes(service);
  });
}

/** Starts or stops one unit; what it was before does not matter. The state that a source keeps is written. */
export function switchUnit(world: World, host: SimHost, unit: string, on: boolean): void {
  const { system } = host;
  const stopped = (system.stopped ?? []).filter(name => name !== unit);
  system.stopped = on ? stopped : [...stopped, unit];
  const service = /^(.*)\.service$/.exec(unit)?.[1];
  if (service !== undefined) {
    const others = system.services.filter(name => name !== service);
    system.services = (on ? [...others, service] : others).sort();
    if (host.machine !== null) system.sockets = listening(host.machine, system.services);
  }
  if (host.role === 'machine') {
    world.state.sources[host.id] = { ...world.state.sources[host.id], stopped: [...system.stopped] };
  }
  world.changed(host.id);
}
