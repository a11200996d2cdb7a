import type { CommandOf } from '../command.ts';
import type { Decision, Desktop } from './decision.ts';

/** Names, clocks and credentials are looked at again: nothing is written anywhere but what was seen. */
export function look(_command: CommandOf<'look'>, { plan }: Desktop): Decision {
  const hosts = Object.keys(plan.hypervisors).length + Object.keys(plan.machines).length;
  return {
    events: [],
    look: true,
    said: `names, the clocks of ${hosts} hosts and credentials are looked at again.`,
  };
}
