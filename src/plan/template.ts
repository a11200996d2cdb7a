import { harmless } from '../foundation/text.ts';
import { scalar } from './scalar.ts';

/**
 * The first text of a plan, as a person would write it. What is undefined is left for the engineer: the key stands
 * there without a value and with a comment that begins with FILL IN, and the plan check names its line.
 */
export interface NewPlan {
  readonly name: string;
  /** Path of plan.schema.json as seen from the plan's folder, for editors. */
  readonly schema: string;
  /** Where the plan comes from, for its head: `landfall init --source …`; one line each. */
  readonly about: readonly string[];
  readonly rehearsal?: boolean | undefined;
  readonly deadline: {
    readonly earliest?: string | undefined;
    readonly expected?: string | undefined;
    readonly reason?: string | undefined;
  };
  readonly sshConfig?: string | undefined;
  readonly source: NewSite;
  readonly target: NewSite;
  readonly networks: readonly NewNetwork[];
  readonly images: readonly NewImage[];
  readonly machines: readonly NewMachine[];
  /** Machines that do not run: written as comments, to be taken in by hand. */
  readonly spare?: readonly NewMachine[];
  /** What was seen and is not in the plan, with the reason. */
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
}

export interface NewSite {
  readonly name: string;
  readonly location?: string | undefined;
  readonly hypervisors: readonly {
    readonly name: string;
    readonly address: string;
    readonly note?: string | undefined;
  }[];
}

export interface NewNetwork {
  readonly name: string;
  readonly site: string;
  readonly libvirt: string;
  readonly cidr?: string | undefined;
  readonly replaces?: string | undefined;
}

export interface NewImage {
  readonly name: string;
  readonly hypervisor: string;
  readonly pool: string;
  readonly volume: string;
  readonly note?: string | undefined;
}

export interface NewMachine {
  readonly name: string;
  /** Facts about it, for a comment. */
  readonly note?: string | undefined;
  /** What it was seen to be and to do, for a comment: `made as debian 12, starts with its host`. */
  readonly habits?: string | undefined;
  readonly tier: string;
  readonly after?: readonly string[] | undefined;
  readonly source: {
    readonly hypervisor: string;
    /** Only where libvirt knows it by another name. */
    readonly domain?: string | undefined;
    readonly address?: string | undefined;
    readonly note?: string | undefined;
  };
  readonly target: {
    readonly hypervisor?: string | undefined;
    readonly image?: string | undefined;
    readonly network?: string | undefined;
    readonly pool?: string | undefined;
    readonly address?: string | undefined;
    readonly port?: number | undefined;
    /** Said beside the address: `a free address of dal-servers`. */
    readonly note?: string | undefined;
  };
}

/** Where comments begin, where the value leaves room. */
const COMMENT_COLUMN = 34;

/** `key: value   # comment`; without a value the comment says FILL IN. */
export function planLine(indent: number, key: string, value: string | undefined, comment = ''): string {
  const written = `${' '.repeat(indent)}${scalar(key)}:${value === undefined || value === '' ? '' : ` ${value}`}`;
  const said = harmless(value === undefined ? `FILL IN: ${comment}` : comment);
  return said === ''
    ? written
    : `${written.padEnd(COMMENT_COLUMN)}${written.length >= COMMENT_COLUMN ? '  ' : ''}# ${said}`;
}

const text = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : scalar(value);

/** The text of a first plan. Pure. */
export function newPlan(plan: NewPlan): string {
  return `${[
    ...head(plan),
    ...deadline(plan),
    ...ssh(plan),
    ...sites(plan),
    ...link(),
    ...hypervisors(plan),
    ...networks(plan),
    ...images(plan),
    ...tiers(),
    ...machines(plan),
    ...spareMachines(plan),
    ...leftOut(plan),
  ].join('\n')}\n`;
}

function head({ name, schema, about, rehearsal }: NewPlan): string[] {
  return [
    `# yaml-language-server: $schema=${harmless(schema)}`,
    '#',
    ...about.map(line => `# ${harmless(line)}`.trimEnd()),
    '',
    'version: 1',
    planLine(0, 'name', scalar(name), 'the evacuation; its directory and all it makes on hosts carry it'),
    ...(rehearsal === true ? [planLine(0, 'rehearsal', 'true', 'the target is staging or a lab')] : []),
  ];
}

function deadline({ deadline: { earliest, expected, reason } }: NewPlan): string[] {
  return [
    '',
    '# When the source site is lost: an instant with its zone (2026-11-26T06:00:00-05:00) or a distance from the start.',
    'deadline:',
    planLine(
      2,
      'earliest',
      text(earliest),
      'the earliest credible moment; landfall plans for this one, e.g. in 3d4h',
    ),
    planLine(2, 'expected', text(expected), 'the expected moment, e.g. in 4d6h'),
    ...(reason === undefined ? [] : [planLine(2, 'reason', scalar(reason))]),
  ];
}

function ssh({ sshConfig }: NewPlan): string[] {
  if (sshConfig === undefined) return [];
  return [
    '',
    '# The ssh_config to use instead of ~/.ssh/config.',
    'ssh:',
    planLine(2, 'config', scalar(sshConfig)),
  ];
}

function sites({ source, target }: NewPlan): string[] {
  const site = ({ name, location }: NewSite, role: string, comment: string): string => {
    const place = location === undefined ? '' : `, location: ${JSON.stringify(harmless(location))}`;
    return planLine(2, name, `{ role: ${role}${place} }`, comment);
  };
  return ['', 'sites:', site(source, 'source', 'what leaves'), site(target, 'target', 'where it goes')];
}

function link(): string[] {
  return [
    '',
    '# The line between the sites, and what landfall may take of it: bits (Mbit/s) or bytes (MB/s).',
    'link:',
    planLine(2, 'streams', '4', 'passes at the same time'),
    '  # limit: 800 Mbit/s',
  ];
}

function hypervisors({ source, target }: NewPlan): string[] {
  const entry = (site: NewSite): string[] =>
    site.hypervisors.flatMap(({ name, address, note }) => [
      planLine(2, name, '', note),
      planLine(4, 'site', scalar(site.name)),
      planLine(4, 'address', scalar(address)),
    ]);
  return [
    '',
    '# The libvirt hosts, as ssh reaches them: user, port, key and jump host come from ssh_config. Where root may not',
    '# log in, add "sudo: true".',
    'hypervisors:',
    ...entry(source),
    ...(target.hypervisors.length > 0 ? entry(target) : openTarget(target)),
  ];
}

/** Where everything goes is not known yet. */
const openTarget = ({ name }: NewSite): string[] => [
  `  # FILL IN: the hypervisors of ${name}, each like this:`,
  '  # kvm1-there:',
  `  #   site: ${scalar(name)}`,
  '  #   address: kvm1.there.example',
];

function networks({ networks: all, target }: NewPlan): string[] {
  const entry = (network: NewNetwork): string[] => [
    planLine(2, network.name, ''),
    planLine(4, 'site', scalar(network.site)),
    planLine(4, 'libvirt', scalar(network.libvirt)),
    ...(network.cidr === undefined ? [] : [planLine(4, 'cidr', scalar(network.cidr))]),
    ...(network.replaces === undefined
      ? []
      : [planLine(4, 'replaces', scalar(network.replaces), `its machines land here, on ${network.name}`)]),
  ];
  return [
    '',
    '# "libvirt" is what virsh net-list says there; "replaces" maps a network of the source to one of the target.',
    ...section('networks', all.flatMap(entry), `the networks of ${target.name}`),
  ];
}

function images({ images: all, target }: NewPlan): string[] {
  const entry = (image: NewImage): string[] => [
    planLine(2, image.name, '', image.note),
    planLine(4, 'hypervisor', scalar(image.hypervisor)),
    planLine(4, 'pool', scalar(image.pool)),
    planLine(4, 'volume', scalar(image.volume)),
  ];
  return [
    '',
    '# Clones and golden images that are at the target already: what is in them does not travel. One is fit to build from',
    '# when its system has the QEMU guest agent, an SSH server and rsync.',
    ...section('images', all.flatMap(entry), `an image on ${target.name}: its hypervisor and volume`),
  ];
}

/** A section with entries, or one that waits for its first. */
const section = (key: string, lines: readonly string[], missing: string): string[] =>
  lines.length === 0 ? [planLine(0, key, undefined, missing)] : [`${key}:`, ...lines];

function tiers(): string[] {
  return [
    '',
    '# Service levels: who goes first (1), how much work may be lost (rpo), how long it may be away (rto).',
    'tiers:',
    '  critical: { priority: 1, rpo: 15m, rto: 1h }',
    '  normal:   { priority: 2, rpo: 1h, rto: 4h }',
    '  low:      { priority: 3, rpo: 8h, rto: 1d }',
  ];
}

function machines({ machines: all }: NewPlan): string[] {
  return [
    '',
    '# The servers to evacuate. source.address is where a server answers SSH today (landfall only reads there);',
    '# target.address is a free address at the target, reachable from the server: its receiver listens there.',
    '# What has to be up before a server at cutover goes into "after: [db1]", paths that need not travel into "exclude:".',
    ...(all.length === 0
      ? [planLine(0, 'machines', undefined, 'at least one server')]
      : [
          'machines:',
          ...all.flatMap((machine, at) => [...(at === 0 ? [] : ['']), ...machineLines(machine)]),
        ]),
  ];
}

/** Hundreds of machines that nobody started would bury the plan. */
const MOST_SPARE = 20;

function spareMachines({ spare = [] }: NewPlan): string[] {
  if (spare.length === 0) return [];
  return [
    '',
    '  # These did not run when this plan was written. To evacuate one, take the "# " away in front of its lines.',
    ...spare.slice(0, MOST_SPARE).flatMap(machine => machineLines(machine).map(line => `# ${line}`)),
  ];
}

/** One machine as lines of a plan, its name at two columns. */
export function machineLines({ name, note, habits, tier, after, source, target }: NewMachine): string[] {
  const place = target.network === undefined ? 'a free address there' : `a free address of ${target.network}`;
  return [
    planLine(2, name, '', note),
    planLine(4, 'tier', scalar(tier)),
    planLine(4, 'source', '', habits),
    planLine(6, 'hypervisor', scalar(source.hypervisor)),
    ...(source.domain === undefined
      ? []
      : [planLine(6, 'domain', scalar(source.domain), 'what libvirt calls it')]),
    planLine(
      6,
      'address',
      text(source.address),
      source.note ?? (source.address === undefined ? 'where it answers SSH' : ''),
    ),
    planLine(4, 'target', ''),
    planLine(
      6,
      'hypervisor',
      text(target.hypervisor),
      target.hypervisor === undefined ? 'where its copy is built' : '',
    ),
    planLine(
      6,
      'image',
      text(target.image),
      target.image === undefined ? 'from which image it is built' : '',
    ),
    planLine(
      6,
      'network',
      text(target.network),
      target.network === undefined ? 'on which network of the target' : '',
    ),
    ...(target.pool === undefined || target.pool === 'default'
      ? []
      : [planLine(6, 'pool', scalar(target.pool))]),
    planLine(6, 'address', text(target.address), target.note ?? (target.address === undefined ? place : '')),
    ...(target.port === undefined ? [] : [planLine(6, 'port', String(target.port))]),
    ...(after === undefined || after.length === 0
      ? []
      : [planLine(4, 'after', `[${after.map(scalar).join(', ')}]`)]),
  ];
}

/** Hundreds of names would bury the plan. */
const MOST_LEFT_OUT = 40;

function leftOut({ leftOut: all }: NewPlan): string[] {
  if (all.length === 0) return [];
  const shown = all.slice(0, MOST_LEFT_OUT).map(({ name, why }) => `#   ${harmless(name)}: ${harmless(why)}`);
  const rest = all.length - shown.length;
  return [
    '',
    '# Seen at the sites and not in this plan:',
    ...shown,
    ...(rest > 0 ? [`#   and ${rest} more`] : []),
  ];
}
