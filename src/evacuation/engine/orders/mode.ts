import { LandfallError } from '../../../foundation/errors.ts';
import type { CommandOf } from '../command.ts';
import type { Decision, Desktop } from './decision.ts';

/** How the storm is met: what each mode lets run, and what it holds. */
export function mode(_command: CommandOf<'mode'>, _desk: Desktop): Decision {
  throw new LandfallError('bug', { what: 'storm modes are not written yet', next: ['report this'] });
}
