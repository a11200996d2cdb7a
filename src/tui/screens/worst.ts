import { formatDuration } from '../../foundation/units.ts';
import { own } from '../../readiness/copy.ts';
import type { MachineRow } from '../../reports/rows.ts';
import { nameOf } from '../../reports/say.ts';
import type { Sample } from '../../step/step.ts';
import { suggestionFor } from '../../sync/mover/suggest.ts';
import type { View } from '../screen.ts';
import { type Line, span, type Tone } from '../text/line.ts';
import { ageText, isStalled, samplesBySubject, triageRow } from './cells.ts';
import { endsInRetry, inKeys } from './remedy.ts';

/** What matters most about the machines right now, with its remedy. */
export interface Worst {
  readonly machine: string;
  /** `boot`: the copy does not boot. */
  readonly kind?: 'boot';
  readonly tone: Tone;
  /** One or two sentences, the most important words first. */
  readonly words: string;
}

type Finder = (view: View, row: MachineRow, sample: Sample | undefined) => Omit<Worst, 'machine'> | undefined;

/** Kinds of trouble, the gravest first; within a kind the machines that matter most come first. */
const FINDERS: readonly Finder[] = [failed, differs, doesNotBoot, stalled, notConverging, late, tooOld];

/** The gravest finding, and how many other machines have one of the same kind; undefined where all is well. */
export function worstOf(view: View): (Worst & { readonly others: number }) | undefined {
  const samples = samplesBySubject(view);
  for (const find of FINDERS) {
    let worst: Worst | undefined;
    let others = -1;
    for (const row of view.rows) {
      const found = find(view, row, samples.get(row.name));
      if (found === undefined) continue;
      worst ??= { machine: row.name, ...found };
      others += 1;
    }
    if (worst !== undefined) return { ...worst, others };
  }
  return undefined;
}

/** The machine that has failed and matters most; undefined where none has. */
export function failureOf(view: View): Worst | undefined {
  const row = view.rows.find(each => each.failure !== undefined);
  const found = row === undefined ? undefined : failed(view, row);
  return row === undefined || found === undefined ? undefined : { machine: row.name, ...found };
}

/** The same as `worstLine`, where it is a failure. */
export const worstFailureLine = (view: View): Line | undefined =>
  failureOf(view) === undefined ? undefined : worstLine(view);

/** The message above the footer: the worst finding and the key that leads to it. */
export function worstLine(view: View): Line | undefined {
  const worst = worstOf(view);
  if (worst === undefined) return undefined;
  const more = worst.others > 0 ? `  (${worst.others} more like it)` : '';
  return [span(`${worst.words}  [!] opens ${worst.machine}${more}`, worst.tone)];
}

function failed({ snapshot, glyphs }: View, row: MachineRow): Omit<Worst, 'machine'> | undefined {
  if (row.failure === undefined) return undefined;
  const error = own(snapshot?.state.machines ?? {}, row.name)?.failure?.error;
  const why = error?.why === undefined ? '' : `: ${error.why}`;
  const [remedy] = error?.next ?? [];
  const next =
    remedy === undefined ? '' : ` Next: ${inKeys(remedy)}${endsInRetry(remedy) ? '.' : ', then r.'}`;
  return { tone: 'bad', words: `${glyphs.bad} ${row.name} failed: ${row.failure.what}${why}.${next}` };
}

function differs({ glyphs }: View, row: MachineRow): Omit<Worst, 'machine'> | undefined {
  const differ = row.verification?.differ ?? 0;
  // A pass under way repairs it.
  if (differ === 0 || row.running) return undefined;
  const words = `${glyphs.bad} ${row.name}: ${differ} copied ${differ === 1 ? 'file differs' : 'files differ'} from the source and no write explains it. Another pass (s) compares contents.`;
  return { tone: 'bad', words };
}

/** The copy that did not boot and matters most, or the one that is named, with why and what to do. */
export function bootFailureLine(view: View, only?: string): Line | undefined {
  for (const row of view.rows) {
    if (only !== undefined && row.name !== only) continue;
    const found = doesNotBoot(view, row);
    if (found !== undefined) return [span(found.words, found.tone)];
  }
  return undefined;
}

function doesNotBoot({ glyphs }: View, row: MachineRow): Omit<Worst, 'machine'> | undefined {
  const { standing, course, last } = row.proof;
  if (standing !== 'failed' || course?.kind === 'booting' || course?.kind === 'asked') return undefined;
  const why = last?.words === undefined ? 'its evidence does not suffice.' : sentenceOf(last.words);
  const remedy = last?.remedy === undefined ? '' : ` Remedy: ${last.remedy.replace(/[.;]$/, '')}; then b.`;
  return {
    kind: 'boot',
    tone: 'bad',
    words: `${glyphs.bad} ${row.name} does not boot into a working state: ${why}${remedy}`,
  };
}

const sentenceOf = (words: string): string => (/[.!?]$/.test(words) ? words : `${words}.`);

function stalled(
  view: View,
  row: MachineRow,
  sample: Sample | undefined,
): Omit<Worst, 'machine'> | undefined {
  if (sample === undefined || !row.running || !isStalled(view, sample)) return undefined;
  const words = `${view.glyphs.warn} ${row.name} has said nothing for ${ageText(view.now - sample.at)}. The copy goes on without the connection; if it stays silent look at the link and at ${row.name} itself.`;
  return { tone: 'warn', words };
}

function notConverging({ snapshot, glyphs, now }: View, row: MachineRow): Omit<Worst, 'machine'> | undefined {
  const verdict = row.pass?.verdict ?? row.ended?.verdict;
  if (verdict !== 'not-converging' && verdict !== 'exhausted') return undefined;
  const machine = own(snapshot?.state.machines ?? {}, row.name);
  const judged = machine?.passes.findLast(pass => pass.judged !== undefined)?.judged;
  const other = snapshot === undefined ? undefined : suggestionFor(snapshot, row.name, now);
  const remedies = [
    ...(other === undefined ? [] : [`${other.words} [m]`]),
    ...(judged?.help.slice(0, 1) ?? []),
  ];
  const help = remedies.length === 0 ? '' : ` Would help: ${remedies.join(', or ')}.`;
  const what = verdict === 'exhausted' ? 'has used up its passes' : 'does not converge';
  const why = judged === undefined ? '' : `: ${judged.why}`;
  return { tone: 'warn', words: `${glyphs.warn} ${row.name} ${what}${why}.${help}` };
}

function late(view: View, row: MachineRow): Omit<Worst, 'machine'> | undefined {
  const { verdict, why } = triageRow(view, row.name) ?? {};
  if (verdict !== 'at-risk' && verdict !== 'cannot') return undefined;
  const [tone, words] =
    verdict === 'cannot' ? (['bad', 'cannot make it'] as const) : (['warn', 'may not make it'] as const);
  return {
    tone,
    words: `${view.glyphs[tone]} ${row.name} ${words}: ${why}. y says what would save it.`,
  };
}

function tooOld({ glyphs }: View, row: MachineRow): Omit<Worst, 'machine'> | undefined {
  const { ageMs, rpoMs } = row.exposure;
  if (ageMs === undefined || rpoMs === undefined || ageMs <= rpoMs) return undefined;
  if (row.paused !== undefined) {
    return {
      tone: 'warn',
      words: `${glyphs.warn} ${row.name}: ${ageText(ageMs)} of work would be lost, more than its tier allows (${formatDuration(rpoMs)}), and ${nameOf(row.paused.by)} paused it. p lets it go on.`,
    };
  }
  return {
    tone: 'warn',
    words: `${glyphs.warn} ${row.name}: ${ageText(ageMs)} of work would be lost, more than its tier allows (${formatDuration(rpoMs)}). s makes another pass.`,
  };
}
