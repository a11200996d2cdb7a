import { counted, formatBytes, formatDuration } from '../foundation/units.ts';
import { type Gate, isWaived, warns } from '../readiness/gate.ts';
import {
  type Block,
  chart,
  code,
  heading,
  item,
  list,
  paragraph,
  strong,
  table,
  told,
} from './document/blocks.ts';
import type { Chart } from './document/chart.ts';
import { figureOf, UNICODE_FIGURES } from './figures.ts';
import { NEVER_COPIED } from './machine.ts';
import { CONSISTENCY_WORDS, moverText } from './mover.ts';
import { proofChapter } from './readiness-proof.ts';
import { exposureText, instant, makesItText, money, or, orderText, waiverText } from './render.ts';
import type { MachineReport, PassReport } from './shape.ts';

/** The chapter of one machine: what it is, what was copied, how that was checked, what stands in the way. */
export function machineChapter(machine: MachineReport, currency: string): Block[] {
  const symbol = figureOf(UNICODE_FIGURES, machine.status.kind);
  return [
    heading(3, `${machine.name}: ${symbol} ${machine.status.word}`),
    ...about(machine),
    ...failure(machine),
    ...moverBlocks(machine),
    ...passes(machine),
    ...verification(machine),
    ...proofChapter(machine),
    ...risk(machine, currency),
    ...gateBlocks(machine.gates),
  ];
}

function about({ tier, owner, description, identity, layout, paused }: MachineReport): Block[] {
  const facts = [
    ...(description === undefined ? [] : [description]),
    ...(paused === undefined ? [] : [orderText('paused', paused)]),
    `tier ${tier}${owner === undefined ? '' : `, owner ${owner}`}`,
    `from ${layout.sourceHypervisor} to ${layout.targetHypervisor}, image ${layout.image}, receiver at ${layout.targetAddress}`,
  ];
  if (identity !== undefined) {
    facts.push(
      `${identity.hostname}: ${identity.os}, kernel ${identity.kernel}, ${identity.architecture}, ${identity.boot}`,
      `domain ${identity.domain} (${identity.uuid}), ${identity.vcpus} CPUs, ${formatBytes(identity.memory)} memory; seen ${instant(identity.observedAt)}`,
    );
  }
  const disks = layout.disks.map(
    each =>
      `${each.disk} ${formatBytes(each.capacity)} (${each.replica === undefined ? 'no replica' : `replica ${each.replica}`})`,
  );
  const fileSystems = layout.fileSystems.map(
    each => `${each.mountpoint} (${each.type}, ${formatBytes(each.used)} of ${formatBytes(each.size)})`,
  );
  if (disks.length > 0) facts.push(`disks: ${disks.join(', ')}`);
  if (fileSystems.length > 0) facts.push(`file systems: ${fileSystems.join(', ')}`);
  const left = layout.notCopied.map(each => `${each.path} (${each.why})`);
  facts.push(
    `does not travel: ${[...left, `what lies in ${NEVER_COPIED.join(', ')} itself (file systems mounted below are copied)`].join(', ')}`,
  );
  if (layout.seededBytes !== undefined) {
    facts.push(`${formatBytes(layout.seededBytes)} came from the clone at the target and did not travel`);
  }
  return list(facts);
}

function failure({ failure: open }: MachineReport): Block[] {
  if (open === undefined) return [];
  return [
    paragraph([strong(`Failed: ${open.what}`), ` (${open.code}, ${open.step}, ${instant(open.at)})`]),
    ...list([
      ...(open.why === undefined ? [] : [open.why]),
      ...open.evidence.map(each => `evidence: ${each}`),
      ...open.next.map(each => told('next', each)),
    ]),
  ];
}

function moverBlocks({ mover }: MachineReport): Block[] {
  if (mover === undefined) return [];
  const { consistency, reasons, against, ordered } = mover;
  return [
    paragraph([strong('Mover:'), ` ${moverText(mover)}`]),
    ...list([
      ...reasons.map(each => `because: ${each}`),
      ...against.map(each => `on the other hand: ${each}`),
      ...(ordered === undefined
        ? []
        : [`${ordered.by} has asked for ${ordered.mover}, from the next pass on`]),
      ...(consistency === undefined
        ? []
        : [
            `the newest copy is ${consistency}: ${CONSISTENCY_WORDS[consistency] ?? 'see the documentation'}`,
          ]),
    ]),
  ];
}

const PASS_COLUMNS = [
  { title: 'pass', right: true },
  'kind',
  'mover',
  'reason',
  { title: 'literal', right: true },
  { title: 'sent', right: true },
  { title: 'took', right: true },
  { title: 'predicted', right: true },
  'consistency',
  'verdict',
];

function passes({ name, passes: all }: MachineReport): Block[] {
  if (all.length === 0) return [paragraph('No pass has begun.')];
  return [
    ...(all.length < 2 ? [] : [chart(passChart(name, all))]),
    table(`Passes of ${name}`, PASS_COLUMNS, all.map(passRow)),
  ];
}

/** So many bars stay apart on a telephone. */
const BARS_SHOWN = 24;

/** Literal bytes of each pass: how the copy converges. */
export function passChart(name: string, all: readonly PassReport[]): Chart {
  const shown = all.slice(-BARS_SHOWN);
  const known = shown.filter(each => each.literalBytes !== undefined);
  const last = known.at(-1);
  const most = known.reduce<PassReport | undefined>(
    (a, b) => ((a?.literalBytes ?? -1) < (b.literalBytes ?? -1) ? b : a),
    undefined,
  );
  return {
    kind: 'bars',
    id: `passes-${name}`,
    title: `Literal bytes of each pass of ${name}`,
    description:
      most === undefined || last === undefined
        ? 'No pass has ended yet.'
        : `${counted(shown.length, 'pass', 'passes')}; the most was ${or(most.literalBytes, formatBytes)} in pass ${most.pass}, the newest that ended is pass ${last.pass} with ${or(last.literalBytes, formatBytes)}.`,
    bars: shown.map(each => ({
      label: String(each.pass),
      shown: or(each.literalBytes, formatBytes),
      ...(each.literalBytes === undefined ? {} : { value: each.literalBytes }),
    })),
  };
}

function passRow(pass: PassReport): string[] {
  const ended = pass.tookMs !== undefined;
  return [
    String(pass.pass),
    `${pass.kind}${pass.checksum ? ', checksum' : ''}`,
    pass.mover,
    pass.reason,
    or(pass.literalBytes, formatBytes),
    or(pass.sentBytes, formatBytes),
    ended ? or(pass.tookMs, formatDuration) : pass.givenUp === true ? 'given up' : 'not ended',
    or(pass.predictedMs, formatDuration),
    pass.consistency ?? '-',
    pass.verdict === undefined ? '-' : `${pass.verdict}: ${pass.why ?? ''}`,
  ];
}

function verification({ verification: last }: MachineReport): Block[] {
  if (last === undefined) return [paragraph([strong('Verification:'), ' none yet.'])];
  const scope = `pass ${last.pass}, ${instant(last.at)}, ${last.filesCompared} files and ${formatBytes(last.bytesCompared)} compared by checksum in ${formatDuration(last.tookMs)}`;
  const result =
    last.mismatches.length > 0
      ? `${counted(last.mismatches.length, 'unexplained difference')}`
      : `no unexplained difference, ${counted(last.live, 'file')} changed on the living source meanwhile`;
  return [
    paragraph([
      strong('Verification:'),
      ` ${scope}: ${result}.`,
      ...(last.current ? [] : [' ', strong('It does not vouch for what the replica holds now.')]),
    ]),
    ...list(last.mismatches.map(path => `differs: ${path}`)),
  ];
}

function risk({ exposure, makesIt }: MachineReport, currency: string): Block[] {
  const why = exposure.why === undefined ? '' : ` (${exposure.why})`;
  const cost = exposure.money === undefined ? '' : `, ${money(exposure.money, currency)}`;
  return [
    paragraph([
      strong('Lost if the source died now:'),
      ` ${exposureText(exposure)}${why}${cost}. `,
      strong('By the deadline:'),
      ` ${makesItText(makesIt)}: ${makesIt.why}.`,
    ]),
  ];
}

const ORDER = ['fail', 'unproven', 'waived', 'not-covered', 'pass'] as const;
const WORDS = {
  fail: '✖ not met',
  unproven: '? unproven',
  waived: '◇ waived',
  'not-covered': '○ not covered',
  pass: '✔ met',
} as const;

const standing = (each: Gate): keyof typeof WORDS => (isWaived(each) ? 'waived' : each.verdict);

/** Gates, red first; those that are met take one line, the others show evidence, remedy and cost. */
export function gateBlocks(gates: readonly Gate[]): Block[] {
  const sorted = ORDER.flatMap(word => gates.filter(each => standing(each) === word));
  return list(
    sorted.map(each =>
      item(
        `${WORDS[standing(each)]}${warns(each) ? ' (warning)' : ''}: ${each.title}`,
        list([
          ...(each.waiver === undefined ? [] : [waiverText(each.waiver)]),
          ...(each.verdict === 'pass'
            ? [each.evidence.join('; ')]
            : [
                ...each.evidence,
                ...each.remedySteps.map(step => told('remedy', step)),
                `if ignored: ${each.costOfIgnoring}`,
                // By which it can be waived.
                ['gate: ', code(each.id)],
              ]),
        ]),
      ),
    ),
  );
}
