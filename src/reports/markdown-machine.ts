import { counted, formatBytes, formatDuration } from '../foundation/units.ts';
import { type Gate, isWaived, warns } from '../readiness/gate.ts';
import { figureOf, UNICODE_FIGURES } from './figures.ts';
import { NEVER_COPIED } from './machine.ts';
import { bullet, escapeMarkdown, instructionBullet, table } from './markdown-parts.ts';
import { proofChapter } from './markdown-proof.ts';
import { exposureText, instant, makesItText, money, or, orderText, waiverText } from './render.ts';
import type { MachineReport, PassReport } from './shape.ts';

/** The chapter of one machine: what it is, what was copied, how that was checked, what stands in the way. */
export function machineChapter(machine: MachineReport, currency: string): string[] {
  const symbol = figureOf(UNICODE_FIGURES, machine.status.kind);
  return [
    `### ${escapeMarkdown(machine.name)}: ${symbol} ${escapeMarkdown(machine.status.word)}`,
    '',
    ...about(machine),
    '',
    ...failure(machine),
    ...passes(machine),
    ...verification(machine),
    ...proofChapter(machine),
    ...risk(machine, currency),
    ...gateList(machine.gates),
  ];
}

function about({ tier, owner, description, identity, layout, paused }: MachineReport): string[] {
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
  return facts.map(each => bullet(each));
}

function failure({ failure: open }: MachineReport): string[] {
  if (open === undefined) return [];
  return [
    `**Failed: ${escapeMarkdown(open.what)}** (${escapeMarkdown(open.code)}, ${escapeMarkdown(open.step)}, ${instant(open.at)})`,
    '',
    ...(open.why === undefined ? [] : [bullet(open.why)]),
    ...open.evidence.map(each => bullet(`evidence: ${each}`)),
    ...open.next.map(each => instructionBullet('next', each)),
    '',
  ];
}

const PASS_TITLES = [
  'pass',
  'kind',
  'reason',
  'literal',
  'sent',
  'took',
  'predicted',
  'consistency',
  'verdict',
];
const PASS_FIGURES = ['pass', 'literal', 'sent', 'took', 'predicted'];

function passes({ passes: all }: MachineReport): string[] {
  if (all.length === 0) return ['No pass has begun.', ''];
  return table(PASS_TITLES, all.map(passRow), PASS_FIGURES);
}

function passRow(pass: PassReport): string[] {
  const ended = pass.tookMs !== undefined;
  return [
    String(pass.pass),
    `${pass.kind}${pass.checksum ? ', checksum' : ''}`,
    pass.reason,
    or(pass.literalBytes, formatBytes),
    or(pass.sentBytes, formatBytes),
    ended ? or(pass.tookMs, formatDuration) : 'not ended',
    or(pass.predictedMs, formatDuration),
    pass.consistency ?? '-',
    pass.verdict === undefined ? '-' : `${pass.verdict}: ${pass.why ?? ''}`,
  ];
}

function verification({ verification: last }: MachineReport): string[] {
  if (last === undefined) return ['**Verification:** none yet.', ''];
  const scope = `pass ${last.pass}, ${instant(last.at)}, ${last.filesCompared} files and ${formatBytes(last.bytesCompared)} compared by checksum in ${formatDuration(last.tookMs)}`;
  const result =
    last.mismatches.length > 0
      ? `${counted(last.mismatches.length, 'unexplained difference')}`
      : `no unexplained difference, ${counted(last.live, 'file')} changed on the living source meanwhile`;
  return [
    `**Verification:** ${escapeMarkdown(scope)}: ${escapeMarkdown(result)}.${last.current ? '' : ' **It does not vouch for what the replica holds now.**'}`,
    '',
    ...last.mismatches.map(path => bullet(`differs: ${path}`)),
    ...(last.mismatches.length > 0 ? [''] : []),
  ];
}

function risk({ exposure, makesIt }: MachineReport, currency: string): string[] {
  const why = exposure.why === undefined ? '' : ` (${exposure.why})`;
  const cost = exposure.money === undefined ? '' : `, ${money(exposure.money, currency)}`;
  return [
    `**Lost if the source died now:** ${escapeMarkdown(`${exposureText(exposure)}${why}${cost}`)}. **By the deadline:** ${escapeMarkdown(`${makesItText(makesIt)}: ${makesIt.why}`)}.`,
    '',
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
export function gateList(gates: readonly Gate[]): string[] {
  const sorted = ORDER.flatMap(word => gates.filter(each => standing(each) === word));
  return [
    ...sorted.flatMap(each => [
      `- ${WORDS[standing(each)]}${warns(each) ? ' (warning)' : ''}: ${escapeMarkdown(each.title)}`,
      ...(each.waiver === undefined ? [] : [bullet(waiverText(each.waiver), 1)]),
      ...(each.verdict === 'pass'
        ? [bullet(each.evidence.join('; '), 1)]
        : [
            ...each.evidence.map(line => bullet(line, 1)),
            ...each.remedySteps.map(step => instructionBullet('remedy', step, 1)),
            bullet(`if ignored: ${each.costOfIgnoring}`, 1),
            // By which it can be waived.
            `  - gate: \`${each.id}\``,
          ]),
    ]),
    '',
  ];
}
