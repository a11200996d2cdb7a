import { saveState } from '../directory/state-file.ts';
import type { World } from './world.ts';

export interface WorldParts
  extends Omit<
    World,
    'hosts' | 'fullPools' | 'scratchRoom' | 'noInodes' | 'frozen' | 'changed' | 'violation'
  > {
  /** Called with the id of a host of which something has changed; `settled` resolves when that is done with. */
  readonly onChange: (hostId: string) => void;
}

/** The world of a lab that is just being opened: no host is up yet. */
export function createWorld({ onChange, ...parts }: WorldParts): World {
  const { directory, state, clock, log } = parts;
  return {
    ...parts,
    hosts: new Map(),
    fullPools: new Set(),
    scratchRoom: new Map(),
    noInodes: new Set(),
    frozen: new Set(),
    changed(hostId) {
      saveState(directory, state);
      if (hostId !== undefined) onChange(hostId);
    },
    violation(host, command, why) {
      state.violations.push({ at: clock.now(), host, command, why });
      saveState(directory, state);
      log(`VIOLATION on ${host}: ${command}: ${why}`);
    },
  };
}
