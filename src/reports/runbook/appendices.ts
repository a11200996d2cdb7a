import { formatBytes, formatDuration } from '../../foundation/units.ts';
import { type Block, code, heading, lines, list, paragraph, table } from '../document/blocks.ts';
import { contactTable } from '../readiness.ts';
import { instant, or } from '../render.ts';
import type { Report } from '../shape.ts';
import { listingsOf } from './step.ts';

/** What is looked up: people, the test plan, inventory, interconnections, the record of tests. */
export function appendices(report: Report): Block[] {
  return [
    ...contacts(report),
    ...listings(report),
    ...validations(report),
    ...inventory(report),
    ...interconnections(report),
    ...tests(report),
    ...associated(report),
  ];
}

const contacts = ({ contacts: all }: Report): Block[] => [
  heading(2, 'Appendix A: Contacts'),
  ...(all.length === 0 ? [paragraph('The plan names nobody.')] : [contactTable(all)]),
];

/** What the steps refer to: statements, files and scripts, whole, each once. */
function listings({ checklist }: Report): Block[] {
  if (checklist === undefined) return [];
  const all = [...listingsOf(checklist)];
  if (all.length === 0) return [];
  return [
    heading(2, 'Appendix C: Detailed recovery procedures'),
    paragraph(
      'Statements, files and scripts for which a step has no room. ‹script› in a line stands for the text of its listing; ‹…› for what is only known when its turn comes. Parameters of statements (@name) get their values from landfall; [redacted] stands where words look like a password.',
    ),
    ...all.flatMap(([text, number]) => [heading(3, `C-${number}`), lines('', text.split('\n'))]),
  ];
}

function validations({ cutover }: Report): Block[] {
  return [
    heading(2, 'Appendix E: Validation test plan'),
    table(
      'What is asked inside each standby, beside identity, storage, services and sockets',
      ['machine', 'checks of the plan'],
      (cutover?.validations ?? []).map(({ machine, checks }) => [machine, checks.join('; ') || 'none']),
    ),
  ];
}

function inventory({ machines, hypervisors }: Report): Block[] {
  return [
    heading(2, 'Appendix H: Hardware and software inventory'),
    table(
      'The machines as they were last seen at the source',
      ['machine', 'system', 'CPUs and memory', 'disks', 'from', 'to', 'seen'],
      machines.map(({ name, identity, layout, standby }) => [
        name,
        identity === undefined ? 'not observed' : `${identity.os}, ${identity.kernel}, ${identity.boot}`,
        identity === undefined ? '-' : `${identity.vcpus}, ${formatBytes(identity.memory)}`,
        layout.disks
          .map(
            ({ disk, capacity, replica }) =>
              `${disk} ${formatBytes(capacity)}${replica === undefined ? '' : ` (${replica})`}`,
          )
          .join(', ') || '-',
        `${layout.sourceHypervisor}${identity === undefined ? '' : `: ${identity.domain}`}`,
        `${layout.targetHypervisor}${standby === undefined ? '' : `: ${standby.domain}`}`,
        or(identity?.observedAt, instant),
      ]),
    ),
    table(
      'The hypervisors',
      ['hypervisor', 'site', 'libvirt', 'CPUs', 'memory', 'free in pools'],
      hypervisors.map(each => [
        each.name,
        `${each.site} (${each.role})`,
        each.version ?? 'not observed',
        or(each.cpus, String),
        or(each.memory, formatBytes),
        each.pools.map(pool => `${pool.name} ${formatBytes(pool.available)}`).join(', ') || '-',
      ]),
    ),
  ];
}

function interconnections({ cutover }: Report): Block[] {
  const records = cutover?.records ?? [];
  return [
    heading(2, 'Appendix I: Interconnections'),
    table(
      'Who needs whom, and where each answers',
      ['name', 'kind', 'must be up before', 'listens on', 'address now', 'address after'],
      (cutover?.interconnections ?? []).map(each => [
        each.subject,
        each.kind,
        each.after.join(', ') || '-',
        each.listens.join(', ') || '-',
        each.addressNow ?? '-',
        each.addressAfter ?? 'as its own network says',
      ]),
    ),
    ...(records.length === 0
      ? [paragraph('The plan changes no names.')]
      : [
          table(
            'Names that change',
            ['record', 'type', 'from', 'to', 'TTL', 'owner'],
            records.map(each => [
              each.name,
              each.type,
              each.from,
              each.to,
              or(each.ttlMs, formatDuration, 'not known'),
              each.owner ?? '-',
            ]),
          ),
        ]),
  ];
}

function tests({ machines, timings = {} }: Report): Block[] {
  const proofs = machines.map(({ name, proof }) => [
    name,
    proof?.last === undefined ? 'never booted' : `proof ${proof.last.proof}, ${instant(proof.last.at)}`,
    proof?.last === undefined ? '-' : `${proof.last.passed} of ${proof.last.of}`,
    proof?.last === undefined ? '-' : formatDuration(proof.last.tookMs),
  ]);
  const rehearsed = Object.entries(timings);
  return [
    heading(2, 'Appendix J: Record of tests'),
    table('Boot proofs of the copies', ['machine', 'newest proof', 'evidence', 'took'], proofs),
    ...(rehearsed.length === 0
      ? [paragraph('No rehearsal of the cutover is on record.')]
      : [
          table(
            'What steps took before',
            ['step', 'runs', 'newest', 'longest', 'when'],
            rehearsed.map(([id, all]) => [
              [code(id)],
              String(all.length),
              or(all.at(-1)?.ms, formatDuration),
              formatDuration(Math.max(0, ...all.map(each => each.ms))),
              or(all.at(-1)?.at, instant),
            ]),
          ),
        ]),
  ];
}

const associated = ({ evacuation: { name } }: Report): Block[] => [
  heading(2, 'Appendix K: Associated documents'),
  ...list([
    ['readiness report: ', code(`landfall report ${name}`)],
    ['worksheets of each department: ', code(`landfall report ${name} --kind worksheets -o DIR`)],
    ['time line: ', code(`landfall report ${name} --kind timeline`)],
  ]),
];
