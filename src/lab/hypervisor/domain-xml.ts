import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';
import { POOL_PATH } from '../world/layout.ts';
import type { Storage } from '../world/machine-sketches.ts';
import type { Domain } from '../world/world.ts';

/** Domain XML as the simulated libvirt understands it. */

export interface ParsedDisk {
  /** Empty where a drive holds nothing. */
  readonly file: string;
  readonly target: string;
  readonly bus: string;
  readonly serial: string | null;
}

export interface ParsedInterface {
  readonly mac: string;
  readonly network: string;
  /** False where the definition says that the cable is out. */
  readonly up: boolean;
  /** As systemd's predictable names have it: enp1s0 behind a root port, ens3 on the root bus. */
  readonly name: string;
}

export interface ParsedDomain {
  readonly name: string;
  readonly uuid: string | undefined;
  readonly disks: readonly ParsedDisk[];
  /** Files in CD drives. */
  readonly media: readonly string[];
  readonly interfaces: readonly ParsedInterface[];
  /** Files that serial ports are written to, by port. */
  readonly serials: ReadonlyMap<number, string>;
  readonly agent: boolean;
  /** From the metadata element of landfall; null for any other domain. */
  readonly receiver: { readonly evacuation: string; readonly machine: string } | null;
}

const text = z.union([z.string(), z.object({ '#text': z.string() }).transform(node => node['#text'])]);
const diskSchema = z.object({
  device: z.string().default('disk'),
  source: z
    .object({ file: z.string().optional(), pool: z.string().optional(), volume: z.string().optional() })
    .optional(),
  target: z.object({ dev: z.string(), bus: z.string().default('virtio') }),
  serial: text.optional(),
});
const addressSchema = z.object({
  bus: z.string().default('0x00'),
  slot: z.string(),
  function: z.string().default('0x0'),
});
const interfaceSchema = z.object({
  mac: z.object({ address: z.string() }).optional(),
  source: z.object({ network: z.string().optional() }).optional(),
  link: z.object({ state: z.string() }).optional(),
  address: addressSchema.optional(),
});
const serialSchema = z.object({
  type: z.string(),
  source: z.object({ path: z.string().optional() }).optional(),
  target: z.object({ port: z.string().default('0') }).optional(),
});
const domainSchema = z.object({
  domain: z.object({
    name: text,
    uuid: text.optional(),
    devices: z.object({
      disk: z.array(diskSchema).default([]),
      interface: z.array(interfaceSchema).default([]),
      serial: z.array(serialSchema).default([]),
      channel: z
        .array(z.object({ target: z.object({ name: z.string().optional() }).optional() }))
        .default([]),
    }),
    metadata: z
      .object({
        'landfall:receiver': z.object({ evacuation: z.string(), machine: z.string() }).optional(),
      })
      .optional(),
  }),
});

export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string };

const LISTS = [
  'domain.devices.disk',
  'domain.devices.channel',
  'domain.devices.interface',
  'domain.devices.serial',
];

function parse<T>(xml: string, schema: z.ZodType<T>, what: string): Reading<T> {
  const valid = XMLValidator.validate(xml);
  if (valid !== true) return { ok: false, why: `(${what}_definition):${valid.err.line}: ${valid.err.msg}` };
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseTagValue: false,
    isArray: (_name, path) => LISTS.includes(String(path)),
  });
  const parsed = schema.safeParse(parser.parse(xml));
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  return {
    ok: false,
    why: `XML error: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? `not a ${what}`}`,
  };
}

const fileOf = (source: z.output<typeof diskSchema>['source']): string =>
  source?.file ?? (source?.volume === undefined ? '' : `${POOL_PATH}/${source.volume}`);

const diskOf = ({ source, target, serial }: z.output<typeof diskSchema>): ParsedDisk => ({
  file: fileOf(source),
  target: target.dev,
  bus: target.bus,
  serial: serial ?? null,
});

/** The name that udev gives an interface at this PCI place. */
export function predictableName(address: z.output<typeof addressSchema> | undefined): string {
  if (address === undefined) return 'enp1s0';
  const [bus, slot, func] = [address.bus, address.slot, address.function].map(Number);
  const suffix = func ? `f${func}` : '';
  return bus === 0 ? `ens${slot}${suffix}` : `enp${bus}s${slot}${suffix}`;
}

export function parseDomain(xml: string): Reading<ParsedDomain> {
  const reading = parse(xml, domainSchema, 'domain');
  if (!reading.ok) return reading;
  const { name, uuid, devices, metadata } = reading.value.domain;
  return {
    ok: true,
    value: {
      name,
      uuid,
      disks: devices.disk.filter(disk => disk.device === 'disk').map(diskOf),
      media: devices.disk
        .filter(disk => disk.device === 'cdrom')
        .flatMap(({ source }) => fileOf(source) || []),
      interfaces: devices.interface.map(nic => ({
        mac: (nic.mac?.address ?? '').toLowerCase(),
        network: nic.source?.network ?? '',
        up: nic.link?.state !== 'down',
        name: predictableName(nic.address),
      })),
      serials: new Map(
        devices.serial.flatMap(({ type, source, target }): [number, string][] =>
          type === 'file' && source?.path !== undefined ? [[Number(target?.port ?? 0), source.path]] : [],
        ),
      ),
      agent: devices.channel.some(({ target }) => target?.name === 'org.qemu.guest_agent.0'),
      receiver: metadata?.['landfall:receiver'] ?? null,
    },
  };
}

/** A device file of `virsh attach-device`: the lab plugs disks only. */
export function parseDisk(xml: string): Reading<ParsedDisk> {
  const reading = parse(xml, z.object({ disk: diskSchema }), 'device');
  return reading.ok ? { ok: true, value: diskOf(reading.value.disk) } : reading;
}

/** The file of a source's disk in its pool. */
export const sourceVolume = (machine: string, target: string, storage: Storage): string =>
  `${machine}-${target}.${storage === 'raw' ? 'img' : 'qcow2'}`;

export const formatOf = (storage: Storage): 'raw' | 'qcow2' => (storage === 'raw' ? 'raw' : 'qcow2');

const INTERFACES = /<interface\b[\s\S]*?<\/interface>/g;

/** libvirt adds a UUID where the definition has none, and a MAC address to each interface. */
export function completed(xml: string, uuid: string, mac: string): string {
  const named = /<uuid>/.test(xml) ? xml : xml.replace(/<\/name>/, `</name>\n  <uuid>${uuid}</uuid>`);
  return named.replace(INTERFACES, nic =>
    nic.includes('<mac') ? nic : nic.replace('>', `>\n      <mac address='${mac}'/>`),
  );
}

/** What `dumpxml` shows of a domain: of one that runs, with its id and the disks that were plugged in. */
export function shownXml(domain: Pick<Domain, 'xml' | 'running' | 'plugged' | 'links'>, id: number): string {
  if (!domain.running) return domain.xml;
  const plugged = (domain.plugged ?? []).map(({ xml }) => `    ${xml.trim()}\n`).join('');
  const linked = Object.entries(domain.links ?? {}).reduce(
    (xml, [mac, up]) => withLink(xml, mac, up),
    domain.xml,
  );
  return linked
    .replace(/<domain\b(?![^>]*\bid=)/, `<domain id='${id}'`)
    .replace(/([ \t]*)<\/devices>/, `${plugged}$1</devices>`);
}

function withLink(xml: string, mac: string, up: boolean): string {
  const state = `<link state='${up ? 'up' : 'down'}'/>`;
  return xml.replace(INTERFACES, nic => {
    if (!nic.toLowerCase().includes(mac.toLowerCase())) return nic;
    const bare = nic.replace(/\s*<link\b[^>]*\/>/, '');
    return bare.replace('</interface>', `  ${state}\n    </interface>`);
  });
}
