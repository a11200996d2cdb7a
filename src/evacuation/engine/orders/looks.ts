import { LandfallError } from '../../../foundation/errors.ts';
import type { CommandOf } from '../command.ts';
import type { Decision, Desktop } from './decision.ts';

/** Orders that only look: what the next pass would bring, what stands around the evacuation. */

export function measure(_command: CommandOf<'measure'>, _desk: Desktop): Decision {
  throw new LandfallError('bug', { what: 'measuring is not written yet', next: ['report this'] });
}
