import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';
import { type MachineFacts, POOL_PATH } from '../world/layout.ts';

/** Domain XML: read what landfall defines, write what libvirt would show of the sources. */

export interface ParsedDomain {
  readonly name: string;
  readonly uuid: string | undefined;
  readonly disks: readonly {
    readonly file: string;
    readonly target: string;
    readonly serial: string | null;
  }[];
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
  target: z.object({ dev: z.string() }),
  serial: text.optional(),
});
const domainSchema = z.object({
  domain: z.object({
    name: text,
    uuid: text.optional(),
    devices: z.object({
      disk: z.array(diskSchema).default([]),
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

export type DomainReading =
  | { readonly ok: true; readonly domain: ParsedDomain }
  | { readonly ok: false; readonly why: string };

export function parseDomain(xml: string): DomainReading {
  const valid = XMLValidator.validate(xml);
  if (valid !== true) return { ok: false, why: `(domain_definition):${valid.err.line}: ${valid.err.msg}` };
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseTagValue: false,
    isArray: (name, path) =>
      ['domain.devices.disk', 'domain.devices.channel'].includes(String(path)) &&
      ['disk', 'channel'].includes(name),
  });
  const parsed = domainSchema.safeParse(parser.parse(xml));
  if (!parsed.success) return { ok: false, why: parsed.error.issues[0]?.message ?? 'not a domain' };
  const { domain } = parsed.data;
  const disks = domain.devices.disk
    .filter(disk => disk.device === 'disk')
    .map(({ source, target, serial }) => ({
      file: source?.file ?? `${POOL_PATH}/${source?.volume ?? ''}`,
      target: target.dev,
      serial: serial ?? null,
    }));
  return {
    ok: true,
    domain: {
      name: domain.name,
      uuid: domain.uuid,
      disks,
      agent: domain.devices.channel.some(({ target }) => target?.name === 'org.qemu.guest_agent.0'),
      receiver: domain.metadata?.['landfall:receiver'] ?? null,
    },
  };
}

export const sourceVolume = (machine: string, target: string): string => `${machine}-${target}.qcow2`;

/** A running source domain, as `virsh dumpxml` prints it. */
export function sourceDomainXml(machine: MachineFacts, network: string, id: number): string {
  const disks = machine.disks.map(
    ({ target }, at) => `    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none' discard='unmap'/>
      <source file='${POOL_PATH}/${sourceVolume(machine.name, target)}' index='${at + 1}'/>
      <backingStore/>
      <target dev='${target}' bus='virtio'/>
      <alias name='virtio-disk${at}'/>
      <address type='pci' domain='0x0000' bus='0x0${at + 4}' slot='0x00' function='0x0'/>
    </disk>`,
  );
  return `<domain type='kvm' id='${id}'>
  <name>${machine.name}</name>
  <uuid>${machine.uuid}</uuid>
  <memory unit='KiB'>4194304</memory>
  <currentMemory unit='KiB'>4194304</currentMemory>
  <vcpu placement='static'>2</vcpu>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <boot dev='hd'/>
  </os>
  <features>
    <acpi/>
    <apic/>
  </features>
  <cpu mode='host-model' check='partial'/>
  <clock offset='utc'/>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
${disks.join('\n')}
    <interface type='network'>
      <mac address='${machine.mac}'/>
      <source network='${network}' portid='${machine.uuid}' bridge='virbr1'/>
      <target dev='vnet${id}'/>
      <model type='virtio'/>
      <alias name='net0'/>
      <address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>
    </interface>
    <serial type='pty'>
      <target type='isa-serial' port='0'/>
    </serial>
    <channel type='unix'>
      <target type='virtio' name='org.qemu.guest_agent.0' state='connected'/>
    </channel>
  </devices>
</domain>
`;
}

/** libvirt adds a UUID where the definition has none. */
export function withUuid(xml: string, uuid: string): string {
  return /<uuid>/.test(xml) ? xml : xml.replace(/<\/name>/, `</name>\n  <uuid>${uuid}</uuid>`);
}
