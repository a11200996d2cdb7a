import { LandfallError } from '../foundation/errors.ts';
import { NAME_PATTERN } from '../foundation/names.ts';
import { harmless } from '../foundation/text.ts';
import { blockLines, flowText, isMapping, type PlanValue, valueAt } from './edit-value.ts';
import { databaseHome, nameThere } from './failback-databases.ts';
import { parseSyntax } from './syntax.ts';
import { planLine } from './template.ts';

/**
 * The way home as a plan: the same evacuation with the sites exchanged. What was a copy is the source, and the old disks
 * are the images that the new copies are seeded from, so that only what changed meanwhile travels. Values stay as the
 * first plan writes them.
 */

/** What the journal knows of a machine, as far as it does. */
export interface HomeFacts {
  /** The domain that runs at the target, where it has another name than the machine. */
  readonly domain?: string | undefined;
  /** Where it answers there. */
  readonly address?: string | undefined;
  /** Its first disk at the old site. */
  readonly pool?: string | undefined;
  readonly volume?: string | undefined;
  /** The libvirt network or bridge of its first interface there. */
  readonly network?: string | undefined;
  /** Of the domain at the old site, for what has to be typed there. */
  readonly oldDomain?: string | undefined;
}

export interface FailbackOptions {
  /** The plan in force. */
  readonly text: string;
  readonly facts: Readonly<Record<string, HomeFacts>>;
  /** Where the plan of the first evacuation lies, for the schema line; absent leaves it out. */
  readonly schema?: string | undefined;
}

type Mapping = { readonly [key: string]: PlanValue };

/** Pure. Throws `plan.invalid` where the text is no plan. */
export function failbackPlan({ text, facts, schema }: FailbackOptions): string {
  const parsed = parseSyntax(text);
  const raw: PlanValue = parsed.raw === undefined ? null : JSON.parse(JSON.stringify(parsed.raw));
  if (!isMapping(raw) || parsed.findings.length > 0) throw unreadable();
  const plan = renamed(raw);
  const name = textAt(plan, 'name') ?? '';
  const home = networksHome(plan, facts);
  return `${[
    ...head(name, plan, facts, schema),
    'version: 1',
    `name: ${homeName(name)}`,
    `failback_of: ${name}`,
    ...same(plan, ['rehearsal', 'lab']),
    '',
    '# Nothing forces you home on a day: until when the other site can be used.',
    'deadline:',
    planLine(2, 'earliest', 'in 14d', 'CHECK: plan for this one'),
    planLine(2, 'expected', 'in 21d', 'CHECK'),
    planLine(2, 'reason', flowText(`way home of ${name}`)),
    '',
    ...same(plan, ['ssh', 'contacts']),
    ...block('sites', exchanged(mappingAt(plan, 'sites'))),
    '',
    ...same(plan, ['link', 'hypervisors']),
    ...block('networks', home.networks),
    '',
    '# The old disks: what is on them need not travel. Nothing is written to them.',
    ...block('images', imagesHome(plan, facts)),
    '',
    ...same(plan, ['currency', 'tiers', 'passes', 'verify', 'care', 'proof']),
    'machines:',
    ...entries(plan, 'machines').flatMap(([machine, wanted]) =>
      machineHome(machine, wanted, facts[machine] ?? {}, home.of.get(machine)),
    ),
    '',
    ...databases(plan),
    ...block('dns', dnsHome(valueAt(plan, ['dns']))),
    ...cutover(mappingAt(plan, 'cutover')),
  ]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}

/** `storm-home`; shortened where the name would become too long. */
export function homeName(name: string): string {
  const cut = name.slice(0, 63 - '-home'.length).replace(/-+$/, '');
  return `${cut}-home`;
}

function head(
  name: string,
  plan: Mapping,
  facts: FailbackOptions['facts'],
  schema: string | undefined,
): string[] {
  const undefine = entries(plan, 'machines').map(([machine, wanted]) => {
    const host = textAt(mappingAt(wanted, 'source'), 'hypervisor') ?? 'HYPERVISOR';
    const domain = facts[machine]?.oldDomain ?? textAt(mappingAt(wanted, 'source'), 'domain') ?? machine;
    const word = typed(domain);
    return `#   ${harmless(host)}: virsh domstate ${word}   has to say "shut off"; then: virsh undefine ${word} --keep-nvram`;
  });
  return [
    ...(schema === undefined ? [] : [`# yaml-language-server: $schema=${schema}`]),
    `# The way home of ${name}, written by landfall from its plan and journal. Look at every line that says CHECK or`,
    '# FILL IN, then: landfall check on this file, and run it like any other evacuation.',
    '#',
    '# Never let both sites run the same machine: with every inventory landfall asks both hypervisors, and stops where',
    '# the old one runs as well.',
    '# The old domains must be off and undefined (their disks stay and become images), each on its old hypervisor:',
    ...undefine,
    '#',
    '# A receiver boots from a copy of the old disk: whatever started by itself there starts in it, too. Where that must',
    '# not be (mail, jobs, anything that calls out), name a golden image of that site instead, or give the receivers a',
    '# network without a way out. What a file system other than / holds travels whole the first time.',
    '',
  ];
}

/** A name that came from a host, as one word of a line that people copy into a shell. */
function typed(name: string): string {
  const word = harmless(name);
  return /^[\w.+:@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** What waits for a database waits for it under the name that it has there. */
function renamed(plan: Mapping): Mapping {
  const names = new Map(entries(plan, 'databases').map(([name, wanted]) => [name, nameThere(name, wanted)]));
  const waiting = (wanted: PlanValue): PlanValue => {
    const after = valueAt(wanted, ['after']);
    if (!isMapping(wanted) || !Array.isArray(after)) return wanted;
    return {
      ...wanted,
      after: after.map((each: PlanValue) => (typeof each === 'string' ? (names.get(each) ?? each) : each)),
    };
  };
  const section = (key: string): Mapping =>
    plan[key] === undefined
      ? {}
      : {
          [key]: Object.fromEntries(
            Object.entries(mappingAt(plan, key)).map(([name, wanted]) => [name, waiting(wanted)]),
          ),
        };
  return { ...plan, ...section('machines'), ...section('databases') };
}

/** The sites change their roles. */
const exchanged = (sites: Mapping): Mapping =>
  Object.fromEntries(
    Object.entries(sites).map(([site, value]) => [
      site,
      isMapping(value) ? { ...value, role: value['role'] === 'source' ? 'target' : 'source' } : value,
    ]),
  );

const siteOf = (plan: Mapping, role: string): string | undefined =>
  entries(plan, 'sites').find(([, site]) => site['role'] === role)?.[0];

interface NetworksHome {
  readonly networks: Mapping;
  /** The network at the old site, by machine. */
  readonly of: ReadonlyMap<string, string>;
}

/** `replaces` turns round; a network of the old site that the plan did not name is named after libvirt's. */
function networksHome(plan: Mapping, facts: FailbackOptions['facts']): NetworksHome {
  const before = entries(plan, 'networks');
  const networks: Record<string, PlanValue> = {};
  const back = new Map<string, string>();
  for (const [name, { replaces, ...network }] of before) {
    networks[name] = network;
    if (typeof replaces === 'string' && !back.has(replaces)) back.set(replaces, name);
  }
  for (const [old, name] of back) {
    const network = networks[old];
    if (network !== undefined && isMapping(network)) networks[old] = { ...network, replaces: name };
  }
  const oldSite = siteOf(plan, 'source') ?? '';
  const of = new Map<string, string>();
  for (const [machine, wanted] of entries(plan, 'machines')) {
    const there = textAt(mappingAt(wanted, 'target'), 'network') ?? '';
    const replaced = before.find(([name]) => name === there)?.[1]['replaces'];
    const libvirt = facts[machine]?.network;
    const known = before.find(
      ([, network]) => network['site'] === oldSite && network['libvirt'] === libvirt,
    )?.[0];
    const found = typeof replaced === 'string' && networks[replaced] !== undefined ? replaced : known;
    const home = found ?? `${oldSite.slice(0, 50)}-${slug(libvirt ?? 'default')}`;
    of.set(machine, home);
    networks[home] ??= { site: oldSite, libvirt: libvirt ?? 'default', replaces: there };
  }
  return { networks, of };
}

function imagesHome(plan: Mapping, facts: FailbackOptions['facts']): Mapping {
  return Object.fromEntries(
    entries(plan, 'machines').map(([machine, wanted]) => {
      const { pool, volume } = facts[machine] ?? {};
      const hypervisor = textAt(mappingAt(wanted, 'source'), 'hypervisor') ?? '';
      return [
        imageOf(machine),
        { hypervisor, pool: pool ?? 'default', volume: volume ?? `${machine}.qcow2` },
      ];
    }),
  );
}

const imageOf = (machine: string): string => `${machine.slice(0, 58).replace(/-+$/, '')}-old`;

function machineHome(
  machine: string,
  wanted: Mapping,
  facts: HomeFacts,
  network: string | undefined,
): string[] {
  const { source: was, target: is, address_after, mover, ...rest } = wanted;
  const source = isMapping(was) ? was : {};
  const target = isMapping(is) ? is : {};
  const address = facts.address ?? address_after;
  const reach = { ...picked(source, ['user', 'sudo', 'login']), ...picked(source, ['port']) };
  const from: Mapping = {
    ...picked(target, ['hypervisor']),
    address: address ?? target['address'] ?? '',
    ...(facts.domain === undefined || facts.domain === machine ? {} : { domain: facts.domain }),
    ...reach,
  };
  const to: Mapping = {
    ...picked(source, ['hypervisor']),
    image: imageOf(machine),
    network: network ?? '',
    ...(facts.pool === undefined ? {} : { pool: facts.pool }),
    address: source['address'] ?? '',
    user: source['user'] ?? 'root',
  };
  return [
    `  ${machine}:`,
    ...Object.entries(rest).flatMap(([key, value]) => blockLines(key, value, '    ')),
    noted(
      `    source: ${flowText(from)}`,
      address === undefined ? `CHECK: where ${machine} answers now` : '',
    ),
    noted(
      `    target: ${flowText(to)}`,
      facts.volume === undefined ? `CHECK: images.${imageOf(machine)}.volume, its disk was not seen` : '',
    ),
    `    address_after: ${flowText(source['address'] ?? '')}`,
    ...moverHome(mover, source['login'] === false),
  ];
}

/** The old disks spare files nearly all of the way home; blocks bring every disk whole, and only they bring some machines. */
function moverHome(mover: PlanValue | undefined, isUnseen: boolean): string[] {
  if (isUnseen) return ['    mover: blocks'];
  if (mover === 'files') return ['    mover: files'];
  return mover === 'blocks'
    ? [noted('    mover: blocks', 'CHECK: every disk travels whole; with files only what changed since')]
    : [];
}

const noted = (line: string, note: string): string => (note === '' ? line : `${line}  # ${note}`);

function databases(plan: Mapping): string[] {
  const all = entries(plan, 'databases');
  if (all.length === 0) return [];
  return [
    '# The old production is the clone: only rows that differ travel. Where failback.sql (in logs/ of the first',
    '# evacuation) was run right after the hand-over, the old production follows already, and needs no seed at all.',
    'databases:',
    ...all.flatMap(([name, wanted]) => databaseHome(name, wanted)),
    '',
  ];
}

const dnsHome = (dns: PlanValue | undefined): PlanValue | undefined =>
  Array.isArray(dns)
    ? dns.map((record: PlanValue) =>
        isMapping(record) ? { ...record, from: record['to'] ?? '', to: record['from'] ?? '' } : record,
      )
    : undefined;

/** Who decides and who is told stay; what people did by hand has to be thought of anew. */
function cutover({ when, by_hand, ...rest }: Mapping): string[] {
  const byHand = Array.isArray(by_hand) ? by_hand : [];
  const titles = byHand.flatMap((step: PlanValue) => (isMapping(step) ? [textAt(step, 'title') ?? ''] : []));
  return [
    ...(Object.keys(rest).length === 0 ? [] : ['', '# CHECK: who is told, and in which words.']),
    ...block('cutover', rest),
    ...(titles.length === 0 ? [] : ['# FILL IN cutover.by_hand: on the way there people did']),
    ...titles.map(title => `#   ${title.replace(/[\r\n]+/g, ' ')}`),
  ];
}

function same(plan: Mapping, keys: readonly string[]): string[] {
  return keys.flatMap(key => {
    const lines = block(key, valueAt(plan, [key]));
    return lines.length > 1 ? [...lines, ''] : lines;
  });
}

/** Lists of mappings below each other, everything else as an edit writes it; nothing where there is nothing. */
function block(key: string, value: PlanValue | undefined): string[] {
  if (value === undefined || value === null) return [];
  if (isMapping(value)) {
    const inner = Object.entries(value);
    return inner.length === 0
      ? []
      : [
          `${key}:`,
          ...inner.flatMap(([name, each]) =>
            isMapping(each) ? [`  ${name}: ${flowText(each)}`] : blockLines(name, each, '  '),
          ),
        ];
  }
  if (!Array.isArray(value)) return [`${key}: ${flowText(value)}`];
  return value.length === 0 ? [] : [`${key}:`, ...value.map((each: PlanValue) => `  - ${flowText(each)}`)];
}

const picked = (value: Mapping, keys: readonly string[]): Mapping =>
  Object.fromEntries(Object.entries(value).filter(([key]) => keys.includes(key)));

const textAt = (value: Mapping, key: string): string | undefined => {
  const found = value[key];
  return typeof found === 'string' ? found : undefined;
};

const mappingAt = (value: Mapping, key: string): Mapping => {
  const found = value[key];
  return isMapping(found) ? found : {};
};

const entries = (plan: Mapping, key: string): [string, Mapping][] =>
  Object.entries(mappingAt(plan, key)).flatMap(([name, value]): [string, Mapping][] =>
    isMapping(value) ? [[name, value]] : [],
  );

/** A name of the plan out of a name of libvirt. */
function slug(text: string): string {
  const made = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 12);
  return NAME_PATTERN.test(made) ? made : 'net';
}

const unreadable = (): LandfallError =>
  new LandfallError('plan.invalid', {
    what: 'the plan in force cannot be read, so no way home can be made from it',
    next: ['see what is wrong with it: landfall check on the plan.yaml of the evacuation'],
  });
