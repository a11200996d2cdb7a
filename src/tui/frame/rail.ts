import type { StageReport } from '../../reports/stages.ts';
import type { View } from '../screen.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { fill, type Line, type Span, span, type Tone, widthOf } from '../text/line.ts';
import { placeOf } from '../ui-state.ts';

const MARK: Readonly<Record<StageReport['state'], readonly [keyof Glyphs & string, Tone]>> = {
  done: ['ok', 'good'],
  running: ['busy', 'busy'],
  failed: ['bad', 'bad'],
  held: ['held', 'accent'],
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

/** For terminals of 80 columns: shorter, but still words. */
const SHORT: Readonly<Record<string, string>> = { inventory: 'Invent', database: 'DB', cutover: 'Cut' };

/** From the most words to the least; the first that fits is taken. */
const FORMS: ReadonlyArray<{
  /** Has its name. */
  readonly named: (stage: StageReport, isHere: boolean) => boolean;
  readonly counted: (stage: StageReport, isHere: boolean) => boolean;
  readonly gap: number;
  readonly short?: boolean;
}> = [
  { named: () => true, counted: () => true, gap: 2 },
  { named: () => true, counted: isLively, gap: 2 },
  { named: () => true, counted: () => false, gap: 1 },
  { named: () => true, counted: isLively, gap: 1, short: true },
  { named: () => true, counted: () => false, gap: 1, short: true },
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
  for (const { named, counted, gap, short = false } of FORMS) {
    rail = view.stages.flatMap((stage, index) => {
      const isHere = here === stage.phase;
      return [
        span(' '.repeat(index === 0 ? 1 : gap)),
        ...station(stage, {
          number: index + 1,
          isHere,
          name: !named(stage, isHere)
            ? undefined
            : ((short ? SHORT[stage.phase] : undefined) ?? stageName(stage.phase)),
          counted: counted(stage, isHere),
          glyphs: view.glyphs,
        }),
      ];
    });
    if (widthOf(rail) <= width) break;
  }
  return fill(rail, width, view.glyphs.ellipsis);
}

interface Look {
  readonly number: number;
  readonly isHere: boolean;
  readonly name: string | undefined;
  readonly counted: boolean;
  readonly glyphs: Glyphs;
}

function station(stage: StageReport, { number, isHere, name, counted, glyphs }: Look): Span[] {
  const [glyph, tone] = MARK[stage.state];
  const label = name === undefined ? String(number) : `${number} ${name}`;
  const count =
    counted && stage.of > 0 && (stage.done > 0 || stage.running > 0) ? ` ${stage.done}/${stage.of}` : '';
  const failed = counted && stage.failed > 0 ? ` ${glyphs.bad}${stage.failed}` : '';
  return [
    span(isHere ? `[${label}]` : label, isHere ? 'accent' : 'plain', { bold: isHere }),
    span(`${name === undefined ? '' : ' '}${glyphs[glyph]}${count}`, tone),
    ...(failed === '' || (stage.state === 'failed' && count === '') ? [] : [span(failed, 'bad')]),
  ];
}
