import { formatBitRate, formatDuration } from '../foundation/units.ts';
import type { TriageVerdict } from '../readiness/triage/types.ts';
import { type Block, heading, instruction, item, list, paragraph, table } from './document/blocks.ts';
import { instant, or } from './render.ts';
import type { Report } from './shape.ts';

const WORDS: Readonly<Record<TriageVerdict, string>> = {
  'will-make-it': '✔ will make it',
  'at-risk': '▲ at risk',
  cannot: '✖ cannot',
  'cannot-say': '? cannot say',
};

/** Who makes it by the earliest loss, and what would change that. Nothing where triage was not asked for. */
export function triageBlocks({ triage }: Report): Block[] {
  if (triage === undefined) return [];
  const rate =
    triage.rate === undefined
      ? 'no rate is known'
      : `reckoned with ${formatBitRate(triage.rate.bytesPerSecond)}, ${triage.rate.from === 'measured' ? 'as measured' : "the plan's limit"}`;
  return [
    heading(2, 'Triage: who makes it'),
    paragraph(
      `${triage.line}; ${rate}${triage.exact ? '' : '; the best set was found by a rule of thumb, not exactly'}.`,
    ),
    table(
      'Who makes it by the earliest loss, in the best order',
      ['place', 'name', 'verdict', 'safe at', 'at worst', 'spare', 'why'],
      [...triage.rows]
        .sort((a, b) => (a.place ?? Number.MAX_SAFE_INTEGER) - (b.place ?? Number.MAX_SAFE_INTEGER))
        .map(each => [
          or(each.place, String),
          each.name,
          WORDS[each.verdict],
          or(each.safeAt, instant),
          or(each.safeAtWorst, instant),
          or(each.spareMs, formatDuration),
          each.why,
        ]),
    ),
    ...list(
      triage.savers.map(({ words, action, costs }) =>
        item(
          words,
          list([
            instruction(action),
            ...(costs.length === 0 ? [] : [`given up for it: ${costs.join(', ')}`]),
          ]),
        ),
      ),
    ),
  ];
}
