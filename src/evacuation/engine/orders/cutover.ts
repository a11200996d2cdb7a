import { LandfallError } from '../../../foundation/errors.ts';
import type { CommandOf } from '../command.ts';
import type { Decision, Desktop } from './decision.ts';

/** Orders along the checklist of the cutover. */
export function cutover(_command: CommandOf<'cutover'>, _desk: Desktop): Decision {
  throw new LandfallError('bug', { what: 'orders of a cutover are not written yet', next: ['report this'] });
}
