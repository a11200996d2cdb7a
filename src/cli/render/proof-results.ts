import { harmless } from '../../foundation/text.ts';
import { formatDuration } from '../../foundation/units.ts';
import type { ProofCheck } from '../../journal/proof-facts.ts';
import type { ProofState, State } from '../../journal/state.ts';
import type { Style } from '../style.ts';

/** One machine in the answer of `landfall prove`. */
export interface ProofResult {
  readonly machine: string;
  /** `failed`: it was asked and did not prove itself. `unasked`: the question could not be asked. */
  readonly outcome: 'proven' | 'failed' | 'unasked';
  readonly proof?: ProofState;
  /** Why it could not be asked. */
  readonly why?: string;
}

/** What came of the proofs of these machines whose number is higher than `after` says. */
export function proofResults(
  state: State,
  machines: readonly string[],
  after: Readonly<Record<string, number>>,
): ProofResult[] {
  return machines.map(machine => {
    const known = state.machines[machine];
    const proof = known?.proofs?.findLast(
      each => each.ended !== undefined && each.proof > (after[machine] ?? 0),
    );
    if (proof?.ended !== undefined)
      return { machine, outcome: proof.ended.verdict === 'proven' ? 'proven' : 'failed', proof };
    const error = known?.failure?.error;
    return {
      machine,
      outcome: 'unasked',
      why:
        error === undefined ? 'its proof has not ended' : [error.what, error.why].filter(Boolean).join(': '),
    };
  });
}

/** Evidence with ticks, then the reason and what to do about it. */
export function formatProofs(results: readonly ProofResult[], evacuation: string, style: Style): string {
  const proven = results.filter(({ outcome }) => outcome === 'proven').length;
  const blocks = results.map(result => block(result, evacuation, style));
  return `${[...blocks, `proven ${proven} of ${results.length}`].join('\n\n')}\n`;
}

function block({ machine, outcome, proof, why }: ProofResult, evacuation: string, style: Style): string {
  const ended = proof?.ended;
  if (proof === undefined || ended === undefined)
    return [
      `${style.warn(`${style.marks.warn} ${machine} not proved`)}: ${harmless(why ?? 'its proof has not ended')}`,
      ...(outcome === 'unasked' ? [`    next: landfall status ${evacuation}`] : []),
    ].join('\n');
  const took = `proof ${proof.proof} of pass ${proof.pass}, ${formatDuration(ended.ms)}`;
  const head =
    ended.verdict === 'proven'
      ? `${style.good(`${style.marks.good} ${machine} proven`)}  ${style.dim(took)}`
      : `${style.bad(`${style.marks.bad} ${machine} failed`)}  ${style.dim(took)}`;
  return [head, ...ended.checks.flatMap(check => evidence(check, style)), ...reasonLines(ended, style)].join(
    '\n',
  );
}

function evidence({ verdict, check, found, detail, afterMs }: ProofCheck, style: Style): string[] {
  const mark = {
    pass: style.good(style.marks.good),
    fail: style.bad(style.marks.bad),
    unproven: style.warn('?'),
  }[verdict];
  const at = afterMs === undefined ? '' : style.dim(`  after ${formatDuration(afterMs)}`);
  return [
    `    ${mark} ${check.padEnd(9)} ${harmless(found)}${at}`,
    ...(verdict === 'pass' ? [] : detail.slice(0, 8).map(line => style.dim(`        ${harmless(line)}`))),
  ];
}

function reasonLines(ended: NonNullable<ProofState['ended']>, style: Style): string[] {
  const { reason } = ended;
  const log = `    console: logs/${ended.console}`;
  if (reason === undefined) return [style.dim(log)];
  return [
    `    ${style.strong(harmless(reason.words))}`,
    ...reason.evidence.slice(0, 8).map(line => style.dim(`        | ${harmless(line)}`)),
    ...reason.remedy.map((step, index) => `    ${index + 1}. ${harmless(step)}`),
    style.dim(log),
  ];
}
