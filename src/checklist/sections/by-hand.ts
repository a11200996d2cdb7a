import type { Plan } from '../../plan/schema.ts';
import { type Draft, draft, type Setting } from '../draft.ts';
import type { Section } from '../types.ts';

type At = Plan['cutover']['by_hand'][number]['at'];

const SECTION_OF = {
  before: 'activate',
  stopped: 'power-off',
  started: 'checks',
  final: 'switch',
} as const satisfies Record<At, Section>;

/** What the plan says that people do at this place, one after the other, behind `needs`. */
export function byHand({ plan, evacuation, people }: Setting, at: At, needs: readonly string[]): Draft[] {
  const steps = plan.cutover.by_hand.filter(each => each.at === at);
  return steps.map(({ title, command, expect, undo, owner, allow }, index) =>
    draft({
      id: `by-hand/${at}/${index + 1}`,
      section: SECTION_OF[at],
      subject: evacuation,
      kind: 'evacuation',
      owner: owner ?? people.decides,
      title,
      commands: command === undefined ? [] : [{ host: 'by hand', line: command }],
      expected: expect === undefined ? [] : [expect],
      rollback: undo === undefined || at === 'final' ? [] : [undo],
      needs: index === 0 ? needs : [`by-hand/${at}/${index}`],
      optional: true,
      ...(allow === undefined ? {} : { plannedMs: allow }),
    }),
  );
}
