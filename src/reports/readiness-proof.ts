import { counted, formatDuration } from '../foundation/units.ts';
import {
  type Block,
  code,
  type Item,
  item,
  lines,
  list,
  paragraph,
  strong,
  told,
} from './document/blocks.ts';
import type { FixupReport } from './fixups.ts';
import { consoleFile } from './proof.ts';
import { instant } from './render.ts';
import type { MachineReport, ProofReport } from './shape.ts';

/** What would boot at the target, what a boot of the copy proved, and what is held there until cutover. */
export function proofChapter(machine: MachineReport): Block[] {
  return [...standby(machine), ...bootProof(machine), ...fixups(machine), ...held(machine)];
}

function standby({ standby: defined }: MachineReport): Block[] {
  if (defined === undefined) return [];
  const { domain, uuid, hypervisor, at, changes } = defined;
  return [
    paragraph([
      strong('Standby:'),
      ` domain ${domain} (${uuid}) at ${hypervisor}, defined ${instant(at)}; held against an accidental start.${changes.length === 0 ? ' It is as the source defines it.' : ' Changed against the source:'}`,
    ]),
    ...list(changes),
  ];
}

const MARK = { pass: '✔', fail: '✖', unproven: '?' } as const;

function bootProof({ proof }: MachineReport): Block[] {
  if (proof?.last === undefined) return [paragraph([strong('Boot proof:'), ' none yet.']), ...course(proof)];
  const { last, checks = [], reason, console } = proof;
  return [
    paragraph([strong('Boot proof:'), ` ${headline(proof)}`]),
    ...course(proof),
    ...(reason === undefined
      ? []
      : [
          ...list([`why: ${reason.words}`, ...reason.remedy.map(each => told('remedy', each))]),
          ...(reason.evidence.length === 0 ? [] : [lines('', reason.evidence)]),
        ]),
    ...list(
      checks.map(({ verdict, title, found, detail, afterMs }) =>
        item(
          `${MARK[verdict]} ${title}: ${found}${afterMs === undefined ? '' : ` (after ${formatDuration(afterMs)})`}`,
          list(verdict === 'pass' ? [] : detail),
        ),
      ),
    ),
    ...(console === undefined
      ? []
      : [paragraph([`Console of proof ${last.proof}: `, code(consoleFile(console))])]),
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

function course(proof: ProofReport | undefined): Block[] {
  const now = proof?.course;
  if (now === undefined) return [];
  const words = {
    asked: `another was asked for at ${instant(now.at)} and has not begun`,
    booting: `proof ${now.proof ?? ''} has been running since ${instant(now.at)}`,
    'cut-off': `proof ${now.proof ?? ''} of ${instant(now.at)} was cut off before its end; it is made again by the next run`,
    'not-run': `proof ${now.proof ?? ''} of ${instant(now.at)} could not be made: see what failed`,
  }[now.kind];
  return list([words]);
}

function fixups({ fixups: planned }: MachineReport): Block[] {
  if (planned === undefined) return [];
  const { list: all, purpose, at } = planned;
  const where = purpose === 'proof' ? 'the overlay of the proof; cutover makes the same' : 'the replica';
  return [
    paragraph([
      strong('Fix-ups'),
      ` (${instant(at)}, in ${where}): ${all.length === 0 ? 'nothing has to be changed in the copy.' : ''}`,
    ]),
    ...list(all.map(fixup)),
  ];
}

const CHANGE = {
  made: 'is made',
  changed: 'is changed',
  removed: 'is removed',
  same: 'keeps its content',
} as const;

const fixup = ({ title, why, files, commands, warnings }: FixupReport): Item =>
  item(
    `${title}: ${why}`,
    list([
      ...files.map(({ path, change, diff }) =>
        item([code(path), ` ${CHANGE[change]}`], diff.length === 0 ? [] : [lines('diff', shortened(diff))]),
      ),
      ...commands.map(({ command, why: reason }) => ['runs ', code(command), `: ${reason}`]),
      ...warnings.map(each => `▲ ${each}`),
    ]),
  );

const DIFF_SHOWN = 24;

/** A report is read; the whole of a script that a proof brings along is in `--json` and on the screen of proofs. */
const shortened = (diff: readonly string[]): readonly string[] =>
  diff.length <= DIFF_SHOWN
    ? diff
    : [
        ...diff.slice(0, DIFF_SHOWN - 1),
        `@@ ${counted(diff.length - DIFF_SHOWN + 1, 'more line')}: landfall report --json has them @@`,
      ];

function held({ heldUnits }: MachineReport): Block[] {
  if (heldUnits === undefined || heldUnits.length === 0) return [];
  return [
    paragraph([strong('Held at the standby until cutover'), ', because it would act at both sites:']),
    ...list(heldUnits.map(({ name, kind, detail }) => [code(name), ` (${kind}): ${detail}`])),
  ];
}
