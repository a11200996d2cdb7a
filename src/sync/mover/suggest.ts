import { formatBytes } from '../../foundation/units.ts';
import { get } from '../../journal/maps.ts';
import { moverOf } from '../../step/mover.ts';
import type { View } from '../../step/step.ts';
import { metricsOf } from '../metrics.ts';
import { situationOf } from './situation.ts';

/** Another mover that would help a machine whose passes do not converge. */
export interface Suggestion {
  readonly mover: 'blocks';
  /**
   * The share of the last pass's bytes that it would spare, 0 to 1; only from measured numbers: what the hypervisor saw
   * change against what the pass sent. Absent without such a reading.
   */
  readonly saving?: number;
  readonly words: string;
}

/** Undefined where its passes converge, where it travels by blocks already, and where blocks are impossible. */
export function suggestionFor(view: View, machine: string, now: number): Suggestion | undefined {
  const known = get(view.state.machines, machine);
  const last = known?.passes.findLast(({ judged }) => judged !== undefined);
  if (last?.judged?.verdict !== 'not-converging' || moverOf(view, machine) === 'blocks') return undefined;
  if (known?.moverOrdered?.mover === 'blocks') return undefined;
  const { impossible, isLookedAt } = situationOf(view, machine, now);
  if (impossible.blocks.length > 0) return undefined;
  const literal = metricsOf(known?.passes ?? []).at(-1)?.literalBytes ?? 0;
  const dirty = known?.dirty;
  // A reading of another time span says nothing of this pass.
  const isOfThisPass = dirty !== undefined && dirty.at >= last.startedAt;
  const saving = isOfThisPass && literal > dirty.bytes ? 1 - dirty.bytes / literal : undefined;
  const unsure = isLookedAt ? '' : ', if its hypervisor can';
  return {
    mover: 'blocks',
    ...(saving === undefined ? {} : { saving }),
    words:
      saving === undefined
        ? `the blocks mover, which sends only what was written${unsure}`
        : `the blocks mover (${percent(saving)}: ${formatBytes(dirty?.bytes ?? 0)} in place of ${formatBytes(literal)})`,
  };
}

/** `-97 %`, never more than was measured. */
const percent = (saving: number): string => `-${Math.floor(saving * 100)} %`;
