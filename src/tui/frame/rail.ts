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

/** The evacuation as a line: every stage with its number, state and count. Shorter forms for narrow terminals. */
export function railLine(view: View, width: number): Line {
  const here = placeOf(view.ui).screen;
  for (const form of ['full', 'short', 'numbers'] as const) {
    const rail: Line = view.stages.flatMap((stage, index) => [
      span(index === 0 ? ' ' : form === 'numbers' ? ' ' : '  '),
      ...station(stage, index + 1, form, here === stage.phase, view.glyphs),
    ]);
    if (widthOf(rail) <= width || form === 'numbers') return fill(rail, width, view.glyphs.ellipsis);
  }
  return [];
}

function station(
  stage: StageReport,
  number: number,
  form: 'full' | 'short' | 'numbers',
  isHere: boolean,
  glyphs: Glyphs,
): Span[] {
  const [glyph, tone] = MARK[stage.state];
  const symbol = glyphs[glyph];
  const name = stageName(stage.phase);
  const label =
    form === 'full'
      ? `${number} ${name}`
      : form === 'short'
        ? `${number} ${name.slice(0, 4)}`
        : String(number);
  const count = stage.of > 0 && (stage.done > 0 || stage.running > 0) ? ` ${stage.done}/${stage.of}` : '';
  const failed = stage.failed > 0 && stage.state !== 'failed' ? ` ${glyphs.bad}${stage.failed}` : '';
  return [
    span(isHere ? `[${label}]` : label, isHere ? 'accent' : 'plain', { bold: isHere }),
    span(form === 'numbers' ? String(symbol) : ` ${symbol}`, tone),
    ...(form === 'numbers' ? [] : [span(form === 'full' ? `${count}${failed}` : count, tone)]),
  ];
}
