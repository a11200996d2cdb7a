import type { StepState } from '../../journal/state.ts';
import { own } from '../../readiness/copy.ts';
import type { View } from '../screen.ts';
import type { StatusKind } from '../text/glyphs.ts';

/** Where the look at a machine or a hypervisor stands. */
export interface LookState {
  readonly kind: StatusKind | 'quiet';
  readonly word: string;
}

export const inventoryStep = ({ snapshot }: View, subject: string): StepState | undefined =>
  own(snapshot?.state.steps ?? {}, `inventory/${subject}`);

export function lookState(step: StepState | undefined, seen: boolean, toRead: number): LookState {
  if (step?.status === 'failed') return { kind: 'bad', word: 'failed' };
  if (step?.status === 'retrying') return { kind: 'warn', word: 'trying again' };
  if (step?.status === 'running') return { kind: 'busy', word: 'looking' };
  if (!seen) return { kind: 'quiet', word: 'not yet' };
  return toRead > 0 ? { kind: 'warn', word: `seen, ${toRead} to read` } : { kind: 'ok', word: 'seen' };
}

/** `1 204 000`: groups that no language reads as a decimal point. */
export const thousands = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
