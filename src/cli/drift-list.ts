import type { Drift } from '../estate/drift/shape.ts';
import { freshness } from '../estate/freshness.ts';
import { harmless } from '../foundation/text.ts';
import { counted } from '../foundation/units.ts';
import { namePlanFile } from '../readiness/plan-file.ts';
import type { View } from '../step/step.ts';
import { wrap } from './help.ts';
import { createStyle } from './style.ts';

export interface DriftPaper {
  readonly now: number;
  readonly width: number;
  readonly unicode: boolean;
  readonly colour: boolean;
}

/** Drift in words, the worst first; what nobody has looked at is said, because silence about it is no good news. */
export function driftText(view: View, found: readonly Drift[], paper: DriftPaper): string {
  const style = createStyle(paper.colour, paper.unicode);
  const lines = found.flatMap(({ severity, what, why, evidence, next, seenAt }) => {
    const verdict = severity === 'critical' ? 'bad' : 'warn';
    const [first = '', ...rest] = wrap(harmless(what), paper.width - 2);
    return [
      `${style[verdict](style.marks[verdict])} ${first}`,
      ...rest.map(line => `  ${line}`),
      ...under('', harmless(why), paper),
      ...evidence.flatMap(each => under('| ', harmless(each), paper)),
      ...next.flatMap((each, at) =>
        under(at === 0 ? 'next: ' : '      ', namePlanFile(harmless(each)), paper),
      ),
      `    seen ${freshness('inventory', seenAt, paper.now).words}`,
      '',
    ];
  });
  const unseen = neverSeen(view);
  return [
    ...lines,
    ...(unseen.length === 0
      ? []
      : [
          ...wrap(`never surveyed: ${unseen.join(', ')}`, paper.width),
          ...under('next: ', namePlanFile('landfall inventory PLAN'), paper),
        ]),
    ...wrap(summary(found, view, unseen), paper.width),
    '',
  ].join('\n');
}

function under(mark: string, text: string, { width }: DriftPaper): string[] {
  return wrap(text, width - 4 - mark.length).map(
    (line, at) => `    ${at === 0 ? mark : ' '.repeat(mark.length)}${line}`,
  );
}

const neverSeen = ({ plan, state }: View): string[] => [
  ...Object.keys(plan.hypervisors).filter(name => !Object.hasOwn(state.surveys ?? {}, name)),
  ...Object.keys(plan.machines).filter(name => state.machines[name]?.surveyed === undefined),
];

function summary(found: readonly Drift[], { plan }: View, unseen: readonly string[]): string {
  const critical = found.filter(({ severity }) => severity === 'critical').length;
  if (found.length === 0) {
    const all = Object.keys(plan.hypervisors).length + Object.keys(plan.machines).length;
    if (unseen.length === all) return 'nothing was seen yet that the plan could be compared with';
    return `plan and what was seen last agree${unseen.length > 0 ? ', as far as anybody looked' : ''}`;
  }
  return critical === 0
    ? `${counted(found.length, 'difference')}, none of which stands in the way`
    : `${counted(found.length, 'difference')}, ${critical} of which ${critical === 1 ? 'stands' : 'stand'} in the way`;
}
