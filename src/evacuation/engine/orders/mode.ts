import { listed } from '../../../foundation/spelling.ts';
import { counted } from '../../../foundation/units.ts';
import { type ModePreview, previewMode } from '../../mode-preview.ts';
import type { CommandOf } from '../command.ts';
import { type Decision, type Desktop, nothingToDo, reasonOf, refuse } from './decision.ts';

/** How the storm is met: what each mode lets run, and what it holds. */
export function mode({ mode: wanted, confirm, reason }: CommandOf<'mode'>, desk: Desktop): Decision {
  const { plan, state, now, by } = desk;
  const before = state.evacuation?.mode;
  const present = before?.mode ?? 'calm';
  // A squeeze that is ordered again asks triage again.
  if (wanted === present && wanted !== 'squeeze')
    return nothingToDo(
      `the mode is ${present} already${before === undefined ? '' : `, ordered by ${before.by}`}.`,
    );
  if (wanted === 'dark' && confirm !== plan.name)
    throw refuse(
      'the mode dark needs the name of the evacuation, typed',
      [`landfall mode ${plan.name} dark --confirm ${plan.name}`],
      'from then on nothing is asked of the source: the copies grow old and nothing makes them fresh',
    );
  const preview = previewMode(desk, wanted, now);
  if (wanted === 'squeeze' && preview.saved.length === 0)
    throw refuse('triage saves nobody by a squeeze: nothing that could still be saved waits for the link', [
      `landfall triage ${plan.name} says who makes it, and what would change that`,
    ]);
  return {
    events: [
      {
        type: 'mode.switched',
        mode: wanted,
        ...reasonOf(reason),
        ...(wanted === 'squeeze' ? { saved: [...preview.saved] } : {}),
      },
    ],
    ...(wanted === 'dark' ? { interrupt: `the mode is dark, by order of ${by}` } : {}),
    said: `the mode is ${wanted}, before it was ${present}: ${preview.meaning}${effects(preview)}.`,
  };
}

function effects({ lines, saved, mode: wanted }: ModePreview): string {
  if (wanted === 'calm') return '';
  const held = lines.filter(({ effect }) => effect === 'held' || effect === 'stopped').length;
  const first = saved.length === 0 ? '' : `; first ${listed(saved, 4)}`;
  return `${first}; ${held === 0 ? 'nobody is held' : `${counted(held, 'of them', 'of them')} ${held === 1 ? 'is' : 'are'} held`}`;
}
