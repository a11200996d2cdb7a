import { z } from 'zod';
import { harmless } from '../../../foundation/text.ts';
import type { SurveyFacts } from '../../../journal/facts-survey.ts';
import { jsonOrUndefined } from '../../../tools/block-devices.ts';
import type { Answers } from '../learn.ts';
import { bounded } from './bounds.ts';

type VirtualLink = NonNullable<SurveyFacts['virtualLinks']>[number];

const LINKS_KEPT = 200;

/** Bridges, bonds, VLANs and tunnels, and over what they lie. What containers and virtual machines plug in comes and goes: it is left out. */
export function readVirtualLinks(answers: Answers): VirtualLink[] | undefined {
  const json = answers.text('links');
  const found =
    (json === undefined ? undefined : parseLinks(json)) ??
    answers.learn('bridges, bonds and VLANs', 'links-kernel', parseKernelLinks);
  return found === undefined
    ? undefined
    : bounded(
        answers,
        'interfaces',
        found.toSorted((one, other) => (one.name < other.name ? -1 : 1)),
        LINKS_KEPT,
      );
}

const link = z.object({
  ifname: z.string().optional(),
  link: z.string().nullish(),
  master: z.string().optional(),
  linkinfo: z
    .object({
      info_kind: z.string().optional(),
      info_data: z
        .object({ type: z.string().optional().catch(undefined) })
        .optional()
        .catch(undefined),
    })
    .optional(),
});

/** What the kernel makes by itself as soon as a kind of tunnel is known to it. */
const FALLBACKS = /^(?:tunl|gre|gretap|erspan|ip_vti|ip6_vti|sit|ip6tnl|ip6gre)0$/;
const PASSING = new Set(['veth', 'netkit', 'ifb', 'dummy']);

/** `ip -j -d link`; undefined where it is no such answer. Older versions put empty objects between the real ones. */
export function parseLinks(text: string): VirtualLink[] | undefined {
  const parsed = z.array(z.unknown()).safeParse(jsonOrUndefined(text));
  if (!parsed.success) return undefined;
  const links = parsed.data.flatMap(entry => {
    const read = link.safeParse(entry);
    return read.success && read.data.ifname !== undefined ? [{ ...read.data, name: read.data.ifname }] : [];
  });
  if (links.length === 0) return undefined;
  const passing = ({ linkinfo, master }: z.infer<typeof link>): boolean =>
    PASSING.has(linkinfo?.info_kind ?? '') || (linkinfo?.info_kind === 'tun' && master !== undefined);
  return links.flatMap(own => {
    const kind = own.linkinfo?.info_kind;
    if (kind === undefined || passing(own) || FALLBACKS.test(own.name)) return [];
    const members = links
      .filter(other => other.master === own.name && !passing(other))
      .map(({ name }) => name);
    const below = own.link === undefined || own.link === null ? [] : [own.link];
    return [told(own.name, kind, [...below, ...members])];
  });
}

/** What /sys and /proc say: places of `lower_*`, kinds of devices, members of bonds, VLANs. */
export function parseKernelLinks(text: string): VirtualLink[] {
  const kinds = new Map<string, string>();
  const below = new Map<string, Set<string>>();
  const over = (name: string, lower: string): void => {
    below.set(name, (below.get(name) ?? new Set()).add(lower));
  };
  for (const line of text.split('\n')) {
    const [, upper, lower] = /\/net\/([^/\s]+)\/lower_(\S+)$/.exec(line) ?? [];
    if (upper !== undefined && lower !== undefined) over(upper, lower);
    const [, device, kind] = /\/net\/([^/\s]+)\/uevent DEVTYPE=([a-z0-9_]{1,20})$/.exec(line) ?? [];
    if (device !== undefined && kind !== undefined && kind !== 'wlan') kinds.set(device, kind);
    const [, bond, slave] = /\/net\/bonding\/(\S+) (\S+)$/.exec(line) ?? [];
    if (bond !== undefined && slave !== undefined) {
      kinds.set(bond, 'bond');
      over(bond, slave);
    }
    const [, vlan, parent] = /^vlan (\S+)\s+(\S+)\s*$/.exec(line) ?? [];
    if (vlan !== undefined && parent !== undefined) {
      kinds.set(vlan, 'vlan');
      over(vlan, parent);
    }
  }
  return [...new Set([...kinds.keys(), ...below.keys()])]
    .filter(name => !/^(?:veth|vnet|tap|cali|docker_gwbridge$)/.test(name))
    .map(name =>
      told(
        name,
        kinds.get(name) ?? 'unknown',
        [...(below.get(name) ?? [])].filter(lower => !/^(?:veth|vnet|tap|cali)/.test(lower)),
      ),
    );
}

function told(name: string, kind: string, over: readonly string[]): VirtualLink {
  return {
    name: harmless(name.slice(0, 32)),
    kind: harmless(kind.slice(0, 32)),
    over: over
      .map(lower => harmless(lower.slice(0, 32)))
      .toSorted()
      .slice(0, 64),
  };
}
