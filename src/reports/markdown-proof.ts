import { counted, formatDuration } from '../foundation/units.ts';
import type { FixupReport } from './fixups.ts';
import { bullet, code, escapeMarkdown, fenced, instructionBullet } from './markdown-parts.ts';
import { consoleFile } from './proof.ts';
import { instant } from './render.ts';
import type { MachineReport, ProofReport } from './shape.ts';

/** What would boot at the target, what a boot of the copy proved, and what is held there until cutover. */
export function proofChapter(machine: MachineReport): string[] {
  return [...standby(machine), ...bootProof(machine), ...fixups(machine), ...held(machine)];
}

function standby({ standby: defined }: MachineReport): string[] {
  if (defined === undefined) return [];
  const { domain, uuid, hypervisor, at, changes } = defined;
  return [
    `**Standby:** ${escapeMarkdown(`domain ${domain} (${uuid}) at ${hypervisor}, defined ${instant(at)}`)}; held against an accidental start.${changes.length === 0 ? ' It is as the source defines it.' : ' Changed against the source:'}`,
    '',
    ...changes.map(each => bullet(each)),
    ...(changes.length > 0 ? [''] : []),
  ];
}

const MARK = { pass: '✔', fail: '✖', unproven: '?' } as const;

function bootProof({ proof }: MachineReport): string[] {
  if (proof?.last === undefined) return ['**Boot proof:** none yet.', '', ...course(proof)];
  const { last, checks = [], reason, console } = proof;
  return [
    `**Boot proof:** ${escapeMarkdown(headline(proof))}`,
    '',
    ...course(proof),
    ...(reason === undefined
      ? []
      : [
          bullet(`why: ${reason.words}`),
          ...reason.remedy.map(each => instructionBullet('remedy', each)),
          '',
          ...(reason.evidence.length === 0 ? [] : fenced('', reason.evidence)),
        ]),
    ...checks.flatMap(({ verdict, title, found, detail, afterMs }) => [
      `- ${MARK[verdict]} ${escapeMarkdown(title)}: ${escapeMarkdown(found)}${afterMs === undefined ? '' : ` (after ${formatDuration(afterMs)})`}`,
      ...(verdict === 'pass' ? [] : detail.map(each => bullet(each, 1))),
    ]),
    ...(checks.length > 0 ? [''] : []),
    ...(console === undefined ? [] : [`Console of proof ${last.proof}: ${code(consoleFile(console))}`, '']),
  ];
}

function headline({ standing, last }: ProofReport): string {
  if (last === undefined) return 'none yet.';
  const since = last.passesSince === 0 ? '' : `, ${counted(last.passesSince, 'pass', 'passes')} since`;
  const what = `proof ${last.proof} of ${instant(last.at)} booted the copy of pass ${last.pass}${since}, in ${formatDuration(last.tookMs)}, evidence ${last.passed} of ${last.of}`;
  const worth = {
    none: '',
    proven: 'the copy boots and works',
    failed: 'the copy does not boot into a working state',
    old: 'it was good, and is too old to count',
    'other-replica': 'the disks have been made anew since: it counts no more',
  }[standing];
  return `${worth}: ${what}.`;
}

function course(proof: ProofReport | undefined): string[] {
  const now = proof?.course;
  if (now === undefined) return [];
  const words = {
    asked: `another was asked for at ${instant(now.at)} and has not begun`,
    booting: `proof ${now.proof ?? ''} has been running since ${instant(now.at)}`,
    'cut-off': `proof ${now.proof ?? ''} of ${instant(now.at)} was cut off before its end; it is made again by the next run`,
    'not-run': `proof ${now.proof ?? ''} of ${instant(now.at)} could not be made: see what failed`,
  }[now.kind];
  return [bullet(words), ''];
}

function fixups({ fixups: planned }: MachineReport): string[] {
  if (planned === undefined) return [];
  const { list, purpose, at } = planned;
  const where = purpose === 'proof' ? 'the overlay of the proof; cutover makes the same' : 'the replica';
  return [
    `**Fix-ups** (${instant(at)}, in ${where}): ${list.length === 0 ? 'nothing has to be changed in the copy.' : ''}`,
    '',
    ...list.flatMap(fixup),
    ...(list.length > 0 ? [''] : []),
  ];
}

const CHANGE = {
  made: 'is made',
  changed: 'is changed',
  removed: 'is removed',
  same: 'keeps its content',
} as const;

const fixup = ({ title, why, files, commands, warnings }: FixupReport): string[] => [
  `- ${escapeMarkdown(title)}: ${escapeMarkdown(why)}`,
  ...files.flatMap(({ path, change, diff }) => [
    `  - ${code(path)} ${CHANGE[change]}`,
    ...(diff.length === 0
      ? []
      : ['', ...fenced('diff', shortened(diff)).map(each => (each === '' ? '' : `    ${each}`))]),
  ]),
  ...commands.map(({ command, why: reason }) => `  - runs ${code(command)}: ${escapeMarkdown(reason)}`),
  ...warnings.map(each => bullet(`▲ ${each}`, 1)),
];

const DIFF_SHOWN = 24;

/** A report is read; the whole of a script that a proof brings along is in `--json` and on the screen of proofs. */
const shortened = (diff: readonly string[]): readonly string[] =>
  diff.length <= DIFF_SHOWN
    ? diff
    : [
        ...diff.slice(0, DIFF_SHOWN - 1),
        `@@ ${counted(diff.length - DIFF_SHOWN + 1, 'more line')}: landfall report --json has them @@`,
      ];

function held({ heldUnits }: MachineReport): string[] {
  if (heldUnits === undefined || heldUnits.length === 0) return [];
  return [
    `**Held at the standby until cutover**, because it would act at both sites:`,
    '',
    ...heldUnits.map(({ name, kind, detail }) => `- ${code(name)} (${kind}): ${escapeMarkdown(detail)}`),
    '',
  ];
}
