import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { type GuestReading, readGuest } from '../../src/inventory/guest/guest.ts';
import { decodeSections } from '../../src/inventory/guest/sections.ts';
import { readDomain } from '../../src/inventory/machine/domain.ts';
import type { DomainFacts, GuestFacts, RsyncFacts } from '../../src/journal/facts.ts';

/** Answers of a real host, as fixtures/hosts/ keeps them: what virsh said, and each question of the collector. */
const recorded = z.strictObject({
  domstate: z.string(),
  dumpxml: z.string(),
  domblkinfo: z.string(),
  sections: z.record(z.string(), z.strictObject({ rc: z.number(), text: z.string() })),
});

export type RecordedHost = z.output<typeof recorded>;

/** A recording of the inside alone is enough to read a guest. */
const recordedInside = recorded.partial({ domstate: true, dumpxml: true, domblkinfo: true });
export type RecordedGuest = z.output<typeof recordedInside>;

export const RECORDED = [
  'debian-12',
  'debian-12-lvm',
  'debian-12-netplan',
  'ubuntu-24.04',
  'alma-9',
  'centos-7',
  'rocky-8-lvm',
] as const;

const DIRECTORY = new URL('../../fixtures/hosts/', import.meta.url);

/** Every recording there is. */
export const GUESTS: readonly string[] = readdirSync(DIRECTORY)
  .filter(file => file.endsWith('.yaml'))
  .map(file => file.slice(0, -'.yaml'.length));

const textOf = (name: string): string => readFileSync(new URL(`${name}.yaml`, DIRECTORY), 'utf8');

export function recordedHost(name: (typeof RECORDED)[number]): RecordedHost {
  return recorded.parse(parse(textOf(name)));
}

export function recordedGuest(name: string): RecordedGuest {
  return recordedInside.parse(parse(textOf(name)));
}

/** What the collector would have printed there. */
export function collectorOutput(host: RecordedGuest): string {
  return Object.entries(host.sections)
    .map(
      ([section, { rc, text }]) =>
        `{"section":"${section}","data":"${Buffer.from(text).toString('base64')}","rc":${rc}}\n`,
    )
    .join('');
}

export function factsOf(name: (typeof RECORDED)[number]): {
  domain: DomainFacts;
  reading: GuestReading;
  guest: GuestFacts & { rsync: RsyncFacts };
} {
  const host = recordedHost(name);
  const domain = readDomain(host.dumpxml, host.domblkinfo, host.domstate);
  const reading = readGuest(decodeSections(collectorOutput(host), name), name);
  if (domain === undefined || reading.rsync === undefined)
    throw new Error(`the fixture ${name} is incomplete`);
  return { domain, reading, guest: { ...reading.facts, rsync: reading.rsync } };
}
