import { LandfallError } from '../../foundation/errors.ts';
import type { View } from '../../step/step.ts';
import type { Triage } from './types.ts';

export type * from './types.ts';

/** Who makes it by the earliest loss. Pure; `now` in epoch ms. */
export function triageOf(_view: View, _now: number): Triage {
  throw new LandfallError('bug', { what: 'triage is not written yet', next: ['report this'] });
}
