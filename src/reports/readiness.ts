import { counted, formatBitRate, formatBytes, formatDuration } from '../foundation/units.ts';
import { isWaived } from '../readiness/gate.ts';
import { basisOf } from './basis.ts';
import { cutoverWords } from './cutover-phase.ts';
import {
  type Block,
  type Document,
  heading,
  item,
  lines,
  list,
  paragraph,
  strong,
  type Text,
  table,
  told,
  warning,
} from './document/blocks.ts';
import { figureOf, UNICODE_FIGURES } from './figures.ts';
import { historyBlocks } from './history-blocks.ts';
import { proofStatus } from './proof-row.ts';
import { around } from './readiness-around.ts';
import { gateBlocks, machineChapter } from './readiness-machine.ts';
import { exposureText, groupText, instant, makesItText, money, or, orderText, waiverText } from './render.ts';
import type { DeadlineReport, MachineReport, NextReport, Report } from './shape.ts';
import { sizingBlocks } from './sizing-blocks.ts';
import { triageBlocks } from './triage-blocks.ts';

/**
 * The readiness report: for an engineer at two in the morning and for a manager. The verdict comes first, then
 * what to do, then one table, then what is at stake and what was not checked; details follow.
 */
export function readinessDocument(report: Report): Document {
  return {
    title: titleOf(report),
    kind: 'readiness report',
    basis: basisOf(report),
    blocks: [
      ...head(report),
      ...next(report.next, report.verdict.overall === 'ready'),
      ...overview(report.machines, report.generatedAt),
      ...stake(report),
      ...triageBlocks(report),
      ...sizingBlocks(report),
      ...waivers(report),
      ...notCovered(report),
      heading(2, 'Machines in detail'),
      ...report.machines.flatMap(each => machineChapter(each, report.exposure.currency)),
      ...databases(report),
      ...evacuation(report),
      ...hypervisors(report),
      ...around(report),
      ...historyBlocks(report),
      ...failedSteps(report),
      ...placed(report),
      ...checks(report),
      ...people(report),
    ],
  };
}

function titleOf({ evacuation: about, verdict }: Report): string {
  const marks = about.marks.length === 0 ? '' : `${about.marks.join(' ')} `;
  return `${marks}${about.name}: ${verdict.words}`;
}

function head(report: Report): Block[] {
  const { evacuation: about, verdict, deadline, generatedAt } = report;
  const basis =
    about.lastEventAt === undefined
      ? 'the journal is empty'
      : `resting on event ${about.lastSeq} of ${instant(about.lastEventAt)}`;
  return [
    paragraph([strong(verdict.line)]),
    ...marks(about),
    paragraph([`From ${about.from} to ${about.to}. `, ...deadlineText(deadline)]),
    ...list(orders(about, generatedAt)),
    paragraph(
      `Written ${instant(generatedAt)}, ${basis}. Started ${counted(about.starts, 'time')}, now ${phaseText(about)}.`,
    ),
  ];
}

/** That a lab is a lab, and a rehearsal a rehearsal, in every document. */
export function marks(about: Report['evacuation']): Block[] {
  if (about.lab)
    return [
      warning([
        strong('LAB: these are simulated hosts. Nothing on this page says anything about real servers.'),
      ]),
    ];
  return about.rehearsal ? [warning([strong('REHEARSAL: this is not the production estate.')])] : [];
}

/** What engineers have ordered that changes what happens next. */
function orders({ paused, held, throttle, mode, cutover }: Report['evacuation'], now: number): string[] {
  return [
    ...(cutover === undefined ? [] : [capitalised(cutoverWords(cutover, now))]),
    ...(paused === undefined ? [] : [orderText('Everything is paused', paused)]),
    ...(mode === undefined ? [] : [orderText(`Storm mode ${mode.mode}`, mode)]),
    ...(held === undefined ? [] : [`These stages wait for approval: ${held.join(', ')}`]),
    ...(throttle === undefined
      ? []
      : [orderText(`The link is limited to ${formatBitRate(throttle.bytesPerSecond)}`, throttle)]),
  ];
}

const capitalised = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

const phaseText = ({ phase, outcome }: Report['evacuation']): string =>
  phase === 'not-begun' ? 'not begun' : phase === 'ended' ? `ended (${outcome ?? 'outcome unknown'})` : phase;

export function deadlineText({ earliestAt, expectedAt, leftMs, reason }: DeadlineReport): Text & object {
  if (earliestAt === undefined || leftMs === undefined) {
    return ['The deadline counts from the start of the evacuation, which has not begun.'];
  }
  const left = leftMs > 0 ? `in ${formatDuration(leftMs)}` : `passed ${formatDuration(-leftMs)} ago`;
  const expected = expectedAt === undefined ? '' : `, expected ${instant(expectedAt)}`;
  const why = reason === undefined ? '' : ` (${reason})`;
  return [
    'Earliest credible loss of the source: ',
    strong(`${instant(earliestAt)}, ${left}`),
    `${expected}${why}.`,
  ];
}

function next(entries: readonly NextReport[], ready: boolean): Block[] {
  const quiet = ready
    ? 'Nothing that this version checks stands in the way. Keep passing and verifying; see below what was not covered.'
    : 'Nothing is known to be wrong, but evidence is missing: see the details.';
  return [
    heading(2, 'What to do next'),
    ...(entries.length === 0 ? [paragraph(quiet)] : []),
    ...list(
      entries.map(each =>
        item(
          [
            strong(each.subjects.join(', ')),
            `${each.severity === 'warning' ? ' (warning)' : ''}: ${each.what}`,
          ],
          list([
            ...each.evidence,
            ...each.steps.map(step => told(strong('do'), step)),
            `if ignored: ${each.costOfIgnoring}`,
          ]),
        ),
      ),
      true,
    ),
  ];
}

export function verdictMark({ verdict, gates }: Pick<MachineReport, 'verdict' | 'gates'>): string {
  const waived = gates.filter(isWaived).length;
  const mark = { ready: '✔ ready (as checked)', 'not-ready': '✖ not ready', unproven: '? unproven' }[verdict];
  return waived === 0 ? mark : `${mark}, ${waived} waived`;
}

function overview(machines: readonly MachineReport[], now: number): Block[] {
  const rows = machines.map(each => {
    const last = each.passes.at(-1);
    return [
      each.name,
      each.tier,
      verdictMark(each),
      `${figureOf(UNICODE_FIGURES, each.status.kind)} ${each.status.word}`,
      last === undefined ? '-' : `${last.pass} ${last.kind}`,
      or(last?.literalBytes, formatBytes),
      last?.givenUp === true ? 'given up' : or(last?.tookMs, formatDuration),
      exposureText(each.exposure),
      verifiedText(each, now),
      proofText(each, now),
      makesItText(each.makesIt),
    ];
  });
  return [
    heading(2, 'Machines'),
    table(
      'Every machine with its copy, what would be lost, and whether it makes it',
      [
        'machine',
        'tier',
        'verdict',
        'state',
        'pass',
        { title: 'literal', right: true },
        { title: 'took', right: true },
        'exposure',
        'verified',
        'boot proof',
        'makes it?',
      ],
      rows,
    ),
  ];
}

function verifiedText({ verification }: MachineReport, now: number): string {
  if (verification === undefined) return 'no';
  if (verification.mismatches.length > 0) return `✖ ${verification.mismatches.length} differ`;
  if (!verification.current) return `▲ pass ${verification.pass} only`;
  return `✔ ${formatDuration(Math.max(0, now - verification.at))} ago${verification.sample === undefined ? '' : ' (sample)'}`;
}

function proofText({ proof }: MachineReport, now: number): string {
  if (proof === undefined) return '-';
  const { kind, word } = proofStatus(proof, now);
  return `${figureOf(UNICODE_FIGURES, kind)} ${word}`;
}

function stake({ exposure, groups = [] }: Report): Block[] {
  const { worstMs, unsafe, bytes, bytesUnknown, money: cost, moneyUnknown, currency } = exposure;
  const without = (names: readonly string[]): string =>
    names.length === 0 ? '' : `, without ${names.join(', ')} (not known)`;
  return [
    heading(2, 'If the source were lost now'),
    ...list([
      ...(unsafe.length === 0 ? [] : [[strong(`Nothing is safe yet of: ${unsafe.join(', ')}`)]]),
      worstMs === undefined
        ? 'no machine has a verified copy'
        : `the oldest verified copy is ${formatDuration(worstMs)} behind`,
      bytes === undefined
        ? 'bytes written since: not known'
        : `about ${formatBytes(bytes)} written since${without(bytesUnknown)}`,
      cost === undefined
        ? 'cost of the lost work: not known'
        : `cost of the lost work: about ${money(cost, currency)}${without(moneyUnknown)}`,
      ...groups.map(each => groupText(each, currency)),
    ]),
  ];
}

function waivers(report: Report): Block[] {
  if (report.waivers === undefined) return [];
  return [
    heading(2, 'Waivers'),
    ...list(
      report.waivers.map(each => item([strong(each.subject), `: ${each.title}`], list([waiverText(each)]))),
    ),
  ];
}

function notCovered(report: Report): Block[] {
  if (report.notCovered.length === 0) return [];
  return [
    heading(2, 'Not covered by this version'),
    ...list(
      report.notCovered.map(each =>
        item(
          [
            strong(each.title),
            ` (${each.subjects.join(', ')})`,
            ...(each.blocks ? [' ', strong('blocks the verdict')] : []),
            `: ${each.evidence}`,
          ],
          list([told('by hand', each.remedy), `if ignored: ${each.costOfIgnoring}`]),
        ),
      ),
    ),
  ];
}

function databases(report: Report): Block[] {
  if (report.databases.length === 0) return [];
  return [
    heading(2, 'Databases'),
    ...report.databases.flatMap(each => [
      heading(3, `${each.name} (${each.tier}): ${verdictMark(each)}`),
      ...gateBlocks(each.gates),
    ]),
  ];
}

function evacuation({ gates, evacuation: about }: Report): Block[] {
  return [
    heading(2, 'The evacuation itself'),
    ...(about.planHash === undefined ? [] : list([`accepted plan: ${about.planHash}`])),
    ...gateBlocks(gates),
  ];
}

function hypervisors(report: Report): Block[] {
  const rows = report.hypervisors.map(each => [
    each.name,
    `${each.site} (${each.role})`,
    each.version ?? 'not observed',
    or(each.cpus, String),
    or(each.memory, formatBytes),
    each.pools
      .map(pool => `${pool.name} ${formatBytes(pool.available)} of ${formatBytes(pool.capacity)} free`)
      .join(', ') || '-',
    or(each.observedAt, instant),
  ]);
  return [
    heading(2, 'Hypervisors'),
    table(
      'The hypervisors of both sites as they were last seen',
      [
        'hypervisor',
        'site',
        'libvirt',
        { title: 'CPUs', right: true },
        { title: 'memory', right: true },
        'pools',
        'seen',
      ],
      rows,
    ),
  ];
}

function failedSteps(report: Report): Block[] {
  if (report.failedSteps.length === 0) return [];
  return [
    heading(2, 'Failed steps'),
    ...list(
      report.failedSteps.map(({ step, attempts, endedAt, error }) =>
        item(
          `${step}: ${error?.what ?? 'no reason recorded'} (${error?.code ?? 'unknown'}, ${counted(attempts, 'attempt')}${endedAt === undefined ? '' : `, ${instant(endedAt)}`})`,
          list([
            ...(error?.evidence ?? []).map(line => `evidence: ${line}`),
            ...(error?.next ?? []).map(line => told('next', line)),
          ]),
        ),
      ),
    ),
  ];
}

function placed(report: Report): Block[] {
  const rows = report.placed.map(each => [
    each.machine,
    `${each.host} (${each.site})`,
    each.what,
    each.until ?? or(each.expiresAt, at => `it expires, ${instant(at)}`),
  ]);
  if (rows.length === 0) return [];
  return [
    heading(2, 'What landfall has put where'),
    paragraph(
      'As the journal tells it. Nothing is installed on a source, and nothing there outlives a restart.',
    ),
    table(
      'What landfall has made on hosts, and until when it stays',
      ['machine', 'host', 'what', 'stays until'],
      rows,
    ),
  ];
}

function checks(report: Report): Block[] {
  if (report.checks.length === 0) return [];
  return [
    heading(2, 'Commands to check by hand'),
    paragraph('For bash on the control machine, in the folder of the plan; they only read.'),
    lines(
      'sh',
      report.checks.flatMap(each => [`# ${each.subject}: ${each.title}`, each.command]),
    ),
  ];
}

function people({ contacts, notes }: Report): Block[] {
  return [
    ...(contacts.length === 0 ? [] : [heading(2, 'Contacts'), contactTable(contacts)]),
    ...(notes.length === 0
      ? []
      : [heading(2, 'Notes'), ...list(notes.map(each => `${instant(each.at)}, ${each.by}: ${each.text}`))]),
  ];
}

export const contactTable = (contacts: Report['contacts']): Block =>
  table(
    'Whom to call',
    ['name', 'role', 'reach'],
    contacts.map(each => [each.name, each.role, each.reach]),
  );
