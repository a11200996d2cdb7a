import { counted, formatBytes, formatDuration } from '../foundation/units.ts';
import { basisOf } from './basis.ts';
import { cutoverWords, isOver } from './cutover-phase.ts';
import { code, type Document, list, paragraph } from './document/blocks.ts';
import { UNICODE_FIGURES } from './figures.ts';
import { instant, money } from './render.ts';
import type { Report } from './shape.ts';
import { clip } from './table.ts';

/** As wide as an e-mail may quote it. */
export const EXECUTIVE_COLUMNS = 72;

/** One thing that somebody who decides wants to know. */
export interface ExecutiveLine {
  readonly about: string;
  readonly words: string;
}

/** The whole truth in ten lines, for the manager who calls: exactly these ten, in this order, also when it is bad. */
export function executiveFacts(report: Report): ExecutiveLine[] {
  const { evacuation, verdict, deadline, exposure } = report;
  return [
    {
      about: 'What',
      words: `${[...evacuation.marks, evacuation.name].join(' ')}: ${evacuation.from} to ${evacuation.to}`,
    },
    { about: 'As of', words: asOf(report) },
    { about: 'Verdict', words: isOver(evacuation.cutover) ? verdict.line : verdictLine(verdict) },
    {
      about: 'Deadline',
      words:
        deadline.leftMs === undefined || deadline.earliestAt === undefined
          ? 'not fixed: it counts from the start, which has not been'
          : `${instant(deadline.earliestAt)}, ${deadline.leftMs > 0 ? `in ${formatDuration(deadline.leftMs)}` : `passed ${formatDuration(-deadline.leftMs)} ago`}`,
    },
    { about: 'Makes it', words: makesItLine(report) },
    { about: 'Lost now', words: lostLine(exposure) },
    {
      about: 'Unsafe',
      words:
        exposure.unsafe.length === 0
          ? 'every machine has a verified copy'
          : `${counted(exposure.unsafe.length, 'machine')} without a verified copy: ${exposure.unsafe.join(', ')}`,
    },
    { about: 'Cutover', words: cutoverLine(report) },
    { about: 'Trouble', words: troubleLine(report) },
    { about: 'Next', words: nextLine(report) },
  ];
}

/** The same as plain text: ten lines, none wider than `width` columns. */
export const executiveLines = (report: Report, width = EXECUTIVE_COLUMNS): string[] =>
  executiveFacts(report).map(({ about, words }) =>
    clip(`${about.padEnd(LABEL)}${words}`, width, UNICODE_FIGURES.ellipsis),
  );

const LABEL = 10;

/** The verdict first: it must survive every cut. */
function verdictLine({ overall, ready, of, blocked, unproven }: Report['verdict']): string {
  const word = overall === 'ready' ? 'READY as far as is checked' : 'NOT READY';
  return [
    word,
    `${ready} of ${of} ready`,
    ...(blocked === 0 ? [] : [`${blocked} blocked`]),
    ...(unproven === 0 ? [] : [`${unproven} unproven`]),
  ].join(', ');
}

function asOf({ evacuation, generatedAt }: Report): string {
  const mode = evacuation.mode === undefined ? '' : `, mode ${evacuation.mode.mode}`;
  const paused = evacuation.paused === undefined ? '' : ', PAUSED';
  return `${instant(generatedAt)}, event ${evacuation.lastSeq}${mode}${paused}`;
}

function makesItLine({ triage, machines }: Report): string {
  if (triage !== undefined) return triage.line;
  const count = (word: string): number => machines.filter(each => each.makesIt.verdict === word).length;
  return `${count('will-make-it')} make it, ${count('at-risk')} at risk, ${count('cannot-say')} cannot be said`;
}

function lostLine({
  worstMs,
  bytes,
  money: cost,
  currency,
  bytesUnknown,
  moneyUnknown,
}: Report['exposure']): string {
  if (worstMs === undefined) return 'everything: no machine has a verified copy';
  return [
    `up to ${formatDuration(worstMs)} of work`,
    bytes === undefined
      ? 'bytes not known'
      : `${formatBytes(bytes)}${bytesUnknown.length > 0 ? ' and more' : ''}`,
    ...(cost === undefined ? [] : [`${money(cost, currency)}${moneyUnknown.length > 0 ? ' and more' : ''}`]),
  ].join(', ');
}

function cutoverLine({ checklist, evacuation, generatedAt }: Report): string {
  if (checklist === undefined)
    return evacuation.cutover === undefined ? 'not begun' : cutoverWords(evacuation.cutover, generatedAt);
  const done = checklist.items.filter(each => each.status === 'done' || each.status === 'skipped').length;
  const of = `${done} of ${counted(checklist.items.length, 'step')}`;
  const began =
    checklist.startedAt === undefined
      ? ''
      : ` for ${formatDuration(Math.max(0, generatedAt - checklist.startedAt))}`;
  switch (checklist.phase) {
    case 'not-begun':
      return `not begun; ${checklist.expectedMs === undefined ? 'its length is not known' : `expected to take ${formatDuration(checklist.expectedMs)}`}`;
    case 'running':
      return `under way${began}, ${of}, can be aborted`;
    case 'aborting':
      return `ABORTED, being taken back, ${of}`;
    case 'rolled-back':
      return 'aborted; everything is back as it was';
    case 'final':
      return `past the point of no return, begun${began.replace(' for', '')} ago, ${of}`;
    case 'committed':
      return `complete${checklist.endedAt === undefined ? '' : ` at ${instant(checklist.endedAt)}`}`;
  }
}

function troubleLine({ next, failedSteps, evacuation, generatedAt }: Report): string {
  const { cutover } = evacuation;
  // That a cutover is under way has a line of its own.
  const known = cutover === undefined ? undefined : cutoverWords(cutover, generatedAt);
  const open = next.filter(each => each.what !== known);
  const worst = open.find(each => each.severity === 'critical') ?? open[0];
  if (worst === undefined)
    return failedSteps.length === 0 ? 'none known' : counted(failedSteps.length, 'failed step');
  return `${worst.subjects.join(', ')}: ${worst.what}`;
}

function nextLine({ next, verdict, evacuation }: Report): string {
  const step = next.flatMap(each => each.steps)[0];
  if (step !== undefined) return step;
  if (isOver(evacuation.cutover))
    return `the way home, when it is wanted: landfall failback ${evacuation.name}`;
  return verdict.overall === 'ready'
    ? 'keep passing and verifying'
    : `see what is open: landfall report ${evacuation.name}`;
}

/** The page that goes to whoever decides. */
export function executiveDocument(report: Report): Document {
  const { evacuation } = report;
  return {
    title: `${[...evacuation.marks, evacuation.name].join(' ')}: status`,
    kind: 'status',
    basis: basisOf(report),
    blocks: [
      ...list(executiveFacts(report).map(({ about, words }) => `${about}: ${words}`)),
      paragraph(['All of it, with evidence: ', code(`landfall report ${evacuation.name}`)]),
    ],
  };
}
