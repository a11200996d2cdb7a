import { counted, formatBitRate, formatBytes, formatDuration } from '../foundation/units.ts';
import { isWaived } from '../readiness/gate.ts';
import { figureOf, UNICODE_FIGURES } from './figures.ts';
import { gateList, machineChapter } from './markdown-machine.ts';
import { bullet, escapeMarkdown, fenced, instructionBullet, table } from './markdown-parts.ts';
import { proofStatus } from './proof-row.ts';
import { exposureText, instant, makesItText, money, or, orderText, waiverText } from './render.ts';
import type { DeadlineReport, MachineReport, NextReport, Report } from './shape.ts';

/**
 * The readiness report: for an engineer at two in the morning and for a manager. The verdict comes first, then
 * what to do, then one table, then what is at stake and what was not checked; details follow.
 */
export function markdownOf(report: Report): string {
  return `${[
    ...head(report),
    ...next(report.next, report.verdict.overall === 'ready'),
    ...overview(report.machines, report.generatedAt),
    ...stake(report),
    ...waivers(report),
    ...notCovered(report),
    '## Machines in detail',
    '',
    ...report.machines.flatMap(each => machineChapter(each, report.exposure.currency)),
    ...databases(report),
    ...evacuation(report),
    ...hypervisors(report),
    ...failedSteps(report),
    ...placed(report),
    ...checks(report),
    ...people(report),
  ]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}

function head({ evacuation: about, verdict, deadline, generatedAt }: Report): string[] {
  const marks = about.marks.length === 0 ? '' : `${about.marks.join(' ')} `;
  const basis =
    about.lastEventAt === undefined
      ? 'the journal is empty'
      : `resting on event ${about.lastSeq} of ${instant(about.lastEventAt)}`;
  return [
    `# ${escapeMarkdown(`${marks}${about.name}: ${verdict.words}`)}`,
    '',
    `**${escapeMarkdown(verdict.line)}**`,
    '',
    ...(about.lab
      ? ['**LAB: these are simulated hosts. Nothing on this page says anything about real servers.**', '']
      : []),
    ...(about.rehearsal && !about.lab ? ['**REHEARSAL: this is not the production estate.**', ''] : []),
    `From ${escapeMarkdown(about.from)} to ${escapeMarkdown(about.to)}. ${deadlineText(deadline)}`,
    '',
    ...orders(about),
    `Written ${instant(generatedAt)}, ${basis}. Started ${counted(about.starts, 'time')}, now ${phaseText(about)}.`,
    '',
  ];
}

/** What engineers have ordered that changes what happens next. */
function orders({ paused, held, throttle }: Report['evacuation']): string[] {
  const lines = [
    ...(paused === undefined ? [] : [orderText('Everything is paused', paused)]),
    ...(held === undefined ? [] : [`These stages wait for approval: ${held.join(', ')}`]),
    ...(throttle === undefined
      ? []
      : [orderText(`The link is limited to ${formatBitRate(throttle.bytesPerSecond)}`, throttle)]),
  ];
  return lines.length === 0 ? [] : [...lines.map(line => bullet(line)), ''];
}

const phaseText = ({ phase, outcome }: Report['evacuation']): string =>
  phase === 'not-begun'
    ? 'not begun'
    : phase === 'ended'
      ? escapeMarkdown(`ended (${outcome ?? 'outcome unknown'})`)
      : phase;

function deadlineText({ earliestAt, expectedAt, leftMs, reason }: DeadlineReport): string {
  if (earliestAt === undefined || leftMs === undefined) {
    return 'The deadline counts from the start of the evacuation, which has not begun.';
  }
  const left = leftMs > 0 ? `in ${formatDuration(leftMs)}` : `passed ${formatDuration(-leftMs)} ago`;
  const expected = expectedAt === undefined ? '' : `, expected ${instant(expectedAt)}`;
  const why = reason === undefined ? '' : ` (${escapeMarkdown(reason)})`;
  return `Earliest credible loss of the source: **${instant(earliestAt)}, ${left}**${expected}${why}.`;
}

function next(entries: readonly NextReport[], ready: boolean): string[] {
  const quiet = ready
    ? 'Nothing that this version checks stands in the way. Keep passing and verifying; see below what was not covered.'
    : 'Nothing is known to be wrong, but evidence is missing: see the details.';
  return [
    '## What to do next',
    '',
    ...(entries.length === 0 ? [quiet] : []),
    ...entries.flatMap((each, index) => [
      `${index + 1}. **${escapeMarkdown(each.subjects.join(', '))}**${each.severity === 'warning' ? ' (warning)' : ''}: ${escapeMarkdown(each.what)}`,
      ...each.evidence.map(line => bullet(line, IN_NUMBERED)),
      ...each.steps.map(step => instructionBullet('**do**', step, IN_NUMBERED)),
      bullet(`if ignored: ${each.costOfIgnoring}`, IN_NUMBERED),
    ]),
    '',
  ];
}

/** Depth that is inside a numbered item, whatever the number's width. */
const IN_NUMBERED = 2;

function verdictMark({ verdict, gates }: Pick<MachineReport, 'verdict' | 'gates'>): string {
  const waived = gates.filter(isWaived).length;
  const mark = { ready: '✔ ready (as checked)', 'not-ready': '✖ not ready', unproven: '? unproven' }[verdict];
  return waived === 0 ? mark : `${mark}, ${waived} waived`;
}

function overview(machines: readonly MachineReport[], now: number): string[] {
  const rows = machines.map(each => {
    const last = each.passes.at(-1);
    return [
      each.name,
      each.tier,
      verdictMark(each),
      `${figureOf(UNICODE_FIGURES, each.status.kind)} ${each.status.word}`,
      last === undefined ? '-' : `${last.pass} ${last.kind}`,
      or(last?.literalBytes, formatBytes),
      or(last?.tookMs, formatDuration),
      exposureText(each.exposure),
      verifiedText(each, now),
      proofText(each, now),
      makesItText(each.makesIt),
    ];
  });
  return [
    '## Machines',
    '',
    ...table(
      [
        'machine',
        'tier',
        'verdict',
        'state',
        'pass',
        'literal',
        'took',
        'exposure',
        'verified',
        'boot proof',
        'makes it?',
      ],
      rows,
      ['literal', 'took'],
    ),
  ];
}

function verifiedText({ verification }: MachineReport, now: number): string {
  if (verification === undefined) return 'no';
  if (verification.mismatches.length > 0) return `✖ ${verification.mismatches.length} differ`;
  if (!verification.current) return `▲ pass ${verification.pass} only`;
  return `✔ ${formatDuration(Math.max(0, now - verification.at))} ago`;
}

function proofText({ proof }: MachineReport, now: number): string {
  if (proof === undefined) return '-';
  const { kind, word } = proofStatus(proof, now);
  return `${figureOf(UNICODE_FIGURES, kind)} ${word}`;
}

function stake({ exposure }: Report): string[] {
  const { worstMs, unsafe, bytes, bytesUnknown, money: cost, moneyUnknown, currency } = exposure;
  const without = (names: readonly string[]): string =>
    names.length === 0 ? '' : `, without ${names.join(', ')} (not known)`;
  return [
    '## If the source were lost now',
    '',
    ...(unsafe.length === 0 ? [] : [`- **Nothing is safe yet of: ${escapeMarkdown(unsafe.join(', '))}**`]),
    bullet(
      worstMs === undefined
        ? 'no machine has a verified copy'
        : `the oldest verified copy is ${formatDuration(worstMs)} behind`,
    ),
    bullet(
      bytes === undefined
        ? 'bytes written since: not known'
        : `about ${formatBytes(bytes)} written since${without(bytesUnknown)}`,
    ),
    bullet(
      cost === undefined
        ? 'cost of the lost work: not known'
        : `cost of the lost work: about ${money(cost, currency)}${without(moneyUnknown)}`,
    ),
    '',
  ];
}

function waivers(report: Report): string[] {
  if (report.waivers === undefined) return [];
  return [
    '## Waivers',
    '',
    ...report.waivers.flatMap(each => [
      `- **${escapeMarkdown(each.subject)}**: ${escapeMarkdown(each.title)}`,
      bullet(waiverText(each), 1),
    ]),
    '',
  ];
}

function notCovered(report: Report): string[] {
  if (report.notCovered.length === 0) return [];
  return [
    '## Not covered by this version',
    '',
    ...report.notCovered.flatMap(each => [
      `- **${escapeMarkdown(each.title)}** (${escapeMarkdown(each.subjects.join(', '))})${each.blocks ? ' **blocks the verdict**' : ''}: ${escapeMarkdown(each.evidence)}`,
      instructionBullet('by hand', each.remedy, 1),
      bullet(`if ignored: ${each.costOfIgnoring}`, 1),
    ]),
    '',
  ];
}

function databases(report: Report): string[] {
  if (report.databases.length === 0) return [];
  return [
    '## Databases',
    '',
    ...report.databases.flatMap(each => [
      `### ${escapeMarkdown(each.name)} (${escapeMarkdown(each.tier)}): ${verdictMark(each)}`,
      '',
      ...gateList(each.gates),
    ]),
  ];
}

function evacuation({ gates, evacuation: about }: Report): string[] {
  return [
    '## The evacuation itself',
    '',
    ...(about.planHash === undefined ? [] : [bullet(`accepted plan: ${about.planHash}`), '']),
    ...gateList(gates),
  ];
}

function hypervisors(report: Report): string[] {
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
    '## Hypervisors',
    '',
    ...table(['hypervisor', 'site', 'libvirt', 'CPUs', 'memory', 'pools', 'seen'], rows, ['CPUs', 'memory']),
  ];
}

function failedSteps(report: Report): string[] {
  if (report.failedSteps.length === 0) return [];
  return [
    '## Failed steps',
    '',
    ...report.failedSteps.flatMap(({ step, attempts, endedAt, error }) => [
      bullet(
        `${step}: ${error?.what ?? 'no reason recorded'} (${error?.code ?? 'unknown'}, ${counted(attempts, 'attempt')}${endedAt === undefined ? '' : `, ${instant(endedAt)}`})`,
      ),
      ...(error?.evidence ?? []).map(line => bullet(`evidence: ${line}`, 1)),
      ...(error?.next ?? []).map(line => instructionBullet('next', line, 1)),
    ]),
    '',
  ];
}

function placed(report: Report): string[] {
  const rows = report.placed.map(each => [
    each.machine,
    `${each.host} (${each.site})`,
    each.what,
    each.until ?? or(each.expiresAt, at => `it expires, ${instant(at)}`),
  ]);
  if (rows.length === 0) return [];
  return [
    '## What landfall has put where',
    '',
    'As the journal tells it. Nothing is installed on a source, and nothing there outlives a restart.',
    '',
    ...table(['machine', 'host', 'what', 'stays until'], rows),
  ];
}

function checks(report: Report): string[] {
  if (report.checks.length === 0) return [];
  const lines = report.checks.flatMap(each => [`# ${each.subject}: ${each.title}`, each.command]);
  return [
    '## Commands to check by hand',
    '',
    'For bash on the control machine, in the folder of the plan; they only read.',
    '',
    ...fenced('sh', lines),
  ];
}

function people({ contacts, notes }: Report): string[] {
  return [
    ...(contacts.length === 0
      ? []
      : [
          '## Contacts',
          '',
          ...table(
            ['name', 'role', 'reach'],
            contacts.map(each => [each.name, each.role, each.reach]),
          ),
        ]),
    ...(notes.length === 0
      ? []
      : ['## Notes', '', ...notes.map(each => bullet(`${instant(each.at)}, ${each.by}: ${each.text}`)), '']),
  ];
}
