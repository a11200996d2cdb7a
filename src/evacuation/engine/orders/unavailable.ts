import { LandfallError } from '../../../foundation/errors.ts';
import type { CommandOf } from '../command.ts';
import { type Decision, type Desktop, nothingToDo, requireMachine } from './decision.ts';

/** Orders that the protocol knows and this version cannot carry out: each says so, and what to do instead. */

export function mover({ machine, mover: wanted }: CommandOf<'mover'>, desk: Desktop): Decision {
  requireMachine(desk, machine);
  if (wanted === 'files') return nothingToDo(`${machine} travels by files already.`);
  throw unavailable(
    wanted === 'blocks'
      ? 'the blocks mover does not exist yet in this version: machines travel by files'
      : 'there is no mover to choose from yet in this version: machines travel by files',
    [
      'exclude the hot paths in the plan, or stop what writes them for a while',
      `then ask for one more pass: landfall sync ${desk.plan.name} ${machine}`,
    ],
  );
}

const unavailable = (what: string, next: readonly string[]): LandfallError =>
  new LandfallError('command.unavailable', { what, next });
