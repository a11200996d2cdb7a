import type { StageReport } from '../../reports/stages.ts';
import type { View } from '../screen.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { fill, type Line, type Span, span, type Tone, widthOf } from '../text/line.ts';
import { placeOf } from '../ui-state.ts';

const MARK: Readonly<Record<StageReport['state'], readonly [keyof Glyphs & string, Tone]>> = {
  done: ['ok', 'good'],
  running: ['busy', 'busy'],
  failed: ['bad', 'bad'],
  held: ['warn', 'accent'],
  waiting: ['dot', 'muted'],
  idle: ['dot', 'muted'],
  'to-come': ['dot', 'muted'],
};

const NAMES: Readonly<Record<string, string>> = {
  check: 'Check',
  inventory: 'Inventory',
  build: 'Build',
  sync: 'Sync',
  database: 'Database',
  prove: 'Prove',
  ready: 'Ready',
  cutover: 'Cutover',
};

export const stageName = (phase: string): string => NAMES[phase] ?? phase;

/** From the most words to the least; the first that fits is taken. */
const FORMS: ReadonlyArray<{
  /** Has its name. */
  readonly named: (stage: StageReport, isHere: boolean) => boolean;
  readonly counted: (stage: StageReport, isHere: boolean) => boolean;
  readonly gap: number;
}> = [
  { named: () => true, counted: () => true, gap: 2 },
  { named: () => true, counted: isLively, gap: 2 },
  { named: () => true, counted: () => false, gap: 1 },
  { named: isLively, counted: isLively, gap: 2 },
  { named: (_stage, isHere) => isHere, counted: isLively, gap: 1 },
  { named: (_stage, isHere) => isHere, counted: () => false, gap: 1 },
];

/** A stage that somebody wants to know of right now. */
function isLively(stage: StageReport, isHere: boolean): boolean {
  return isHere || stage.state === 'running' || stage.state === 'failed' || stage.state === 'held';
}

/** The evacuation as a line: every stage with its number, state and count. Shorter forms for narrow terminals. */
export function railLine(view: View, width: number): Line {
  const here = placeOf(view.ui).screen;
  let rail: Line = [];
  for (const { named, counted, gap } of FORMS) {
    rail = view.stages.flatMap((stage, index) => {
      const isHere = here === stage.phase;
      return [
        span(' '.repeat(index === 0 ? 1 : gap)),
        ...station(stage, index + 1, isHere, named(stage, isHere), counted(stage, isHere), view.glyphs),
      ];
    });
    if (widthOf(rail) <= width) break;
  }
  return fill(rail, width, view.glyphs.ellipsis);
}

function station(
  stage: StageReport,
  number: number,
  isHere: boolean,
  named: boolean,
  counted: boolean,
  glyphs: Glyphs,
): Span[] {
  const [glyph, tone] = MARK[stage.state];
  const label = named ? `${number} ${stageName(stage.phase)}` : String(number);
  const count =
    counted && stage.of > 0 && (stage.done > 0 || stage.running > 0) ? ` ${stage.done}/${stage.of}` : '';
  const failed = counted && stage.failed > 0 ? ` ${glyphs.bad}${stage.failed}` : '';
  return [
    span(isHere ? `[${label}]` : label, isHere ? 'accent' : 'plain', { bold: isHere }),
    span(`${named ? ' ' : ''}${glyphs[glyph]}${count}`, tone),
    ...(failed === '' || (stage.state === 'failed' && count === '') ? [] : [span(failed, 'bad')]),
  ];
}
