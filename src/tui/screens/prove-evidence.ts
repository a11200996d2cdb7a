import { counted } from '../../foundation/units.ts';
import type { ProofCheck } from '../../journal/proof-facts.ts';
import { ago } from '../../readiness/evidence.ts';
import type { EndedProof, ProofStanding } from '../../readiness/proofs.ts';
import { consoleFile, titleOf } from '../../reports/proof.ts';
import type { View } from '../screen.ts';
import { type Line, type Span, span, wrap } from '../text/line.ts';
import { ageText, statusSpan } from './cells.ts';
import { labelled, numbered } from './parts.ts';

/** What one proof found: its worth in a sentence, the reason where it failed, and its evidence in the order of a boot. */
export function proofLines(
  view: View,
  standing: Exclude<ProofStanding, { kind: 'none' }>,
  width: number,
): Line[] {
  const { proof } = standing;
  return [
    ...headline(view, standing, width),
    ...reasonLines(proof, width),
    ...evidenceLines(view, proof, width),
  ];
}

/** The same without the evidence: for a screen on which that has a place of its own. */
export const whyNotProven = (
  view: View,
  standing: Exclude<ProofStanding, { kind: 'none' }>,
  width: number,
): Line[] => [...headline(view, standing, width), ...reasonLines(standing.proof, width)];

function headline(
  view: View,
  { kind, proof, passesSince }: Exclude<ProofStanding, { kind: 'none' }>,
  width: number,
): Line[] {
  const { glyphs, now } = view;
  const what = `proof ${proof.proof}, ${ago(proof.ended.at, now)}, booted the copy of pass ${proof.pass}${passesSince === 0 ? '' : ` (${counted(passesSince, 'pass', 'passes')} since)`} and took ${ageText(proof.ended.ms)}`;
  switch (kind) {
    case 'proven':
      return wrap(`${glyphs.ok} It boots and works: ${what}.`, width, 'good');
    case 'failed':
      return wrap(`${glyphs.bad} It does not boot into a working state: ${what}.`, width, 'bad');
    case 'old':
      return wrap(`${glyphs.warn} It booted and worked, too long ago to count: ${what}.`, width, 'warn');
    default:
      return wrap(
        `${glyphs.unknown} The disks have been made anew since, so this counts no more: ${what}.`,
        width,
        'unknown',
      );
  }
}

/** Why, what the console said, and what to do. */
function reasonLines({ ended }: EndedProof, width: number): Line[] {
  const { reason } = ended;
  if (reason === undefined) return [];
  return [
    ...labelled('because', reason.words, width, 'bad'),
    ...reason.evidence.flatMap((each, index) => labelled(index === 0 ? 'console' : '', each, width, 'muted')),
    ...numbered('remedy', reason.remedy, width, 'accent'),
    ...(reason.remedy.some(each => each.includes('landfall prove'))
      ? []
      : labelled('then', 'b proves it again', width, 'accent')),
    [],
  ];
}

/** Every piece of evidence with a tick, in the order in which a boot gives it. */
export function evidenceLines(view: View, { ended }: EndedProof, width: number): Line[] {
  const passed = ended.checks.filter(({ verdict }) => verdict === 'pass').length;
  return [
    [
      span('Evidence', 'title', { bold: true }),
      span(`  ${passed} of ${ended.checks.length}, in the order of the boot`, 'muted'),
    ],
    ...ended.checks.flatMap(each => oneCheck(view, each, width)),
    ...wrap(`all that the console said: ${consoleFile(ended.console)}`, width, 'muted'),
  ];
}

const VERDICT = 11;
const TITLE = 19;
const AFTER = 7;

function oneCheck(view: View, each: ProofCheck, width: number): Line[] {
  const { verdict, found, detail, afterMs } = each;
  const title = titleOf(each);
  const after = afterMs === undefined ? '' : ageText(afterMs);
  const mark = verdictSpan(view, verdict);
  const tone = verdict === 'pass' ? 'plain' : mark.tone;
  const start: Line = [
    { ...mark, text: mark.text.padEnd(VERDICT) },
    span(title.padEnd(TITLE), 'title'),
    span(`${after.padStart(AFTER - 1)} `, 'muted'),
  ];
  const used = VERDICT + TITLE + AFTER;
  // Below that the finding has a line of its own.
  const isNarrow = width - used < 24;
  const indent = isNarrow ? 4 : used;
  const words = wrap(found, Math.max(10, width - indent), tone);
  const rest = verdict === 'pass' ? [] : detail;
  const told: Line[] = isNarrow
    ? [start, ...words.map((part): Line => [span(' '.repeat(indent)), ...part])]
    : words.map((part, row): Line => (row === 0 ? [...start, ...part] : [span(' '.repeat(indent)), ...part]));
  return [
    ...told,
    ...rest.flatMap(line =>
      wrap(line, Math.max(10, width - indent), 'muted').map(
        (part): Line => [span(' '.repeat(indent)), ...part],
      ),
    ),
  ];
}

function verdictSpan(view: View, verdict: ProofCheck['verdict']): Span {
  if (verdict === 'pass') return statusSpan(view, 'ok', 'pass');
  return verdict === 'fail' ? statusSpan(view, 'bad', 'fail') : statusSpan(view, 'unknown', 'unproven');
}
