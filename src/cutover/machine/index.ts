import { LandfallError } from '../../foundation/errors.ts';
import type { Deed } from '../deed.ts';

/** What a cutover does to machines and their hypervisors, one deed an item of the checklist. */

export const quietDeed = (machine: string): Deed => unwritten(machine);
export const lastCopyDeed = (machine: string): Deed => unwritten(machine);
export const powerOffDeed = (machine: string): Deed => unwritten(machine);
export const bringUpDeed = (machine: string, _options: { readonly dark?: boolean } = {}): Deed =>
  unwritten(machine);
export const checkDeed = (machine: string): Deed => unwritten(machine);
export const commitDeed = (machine: string): Deed => unwritten(machine);

function unwritten(machine: string): Deed {
  const fail = (): never => {
    throw new LandfallError('bug', {
      what: `this deed of ${machine} is not written yet`,
      next: ['report this'],
    });
  };
  return { preview: () => [], done: async () => fail(), run: async () => fail() };
}
