import type { Plan } from '../plan/schema.ts';
import { describe } from '../step/action.ts';
import type { ItemCommand } from './types.ts';

/** A virsh line as it is typed on the hypervisor itself. */
export function virsh(plan: Plan, hypervisor: string, ...argv: readonly string[]): ItemCommand {
  const uri = (Object.hasOwn(plan.hypervisors, hypervisor) ? plan.hypervisors[hypervisor] : undefined)?.uri;
  return {
    host: hypervisor,
    line: describe({
      kind: 'exec',
      host: hypervisor,
      argv: ['virsh', ...(uri === undefined ? [] : ['-c', uri]), ...argv],
    }),
  };
}
