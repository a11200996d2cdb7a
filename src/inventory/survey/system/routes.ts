import { z } from 'zod';
import { harmless } from '../../../foundation/text.ts';
import type { RouteFacts } from '../../../journal/facts-survey.ts';
import { jsonOrUndefined } from '../../../tools/block-devices.ts';
import type { Answers } from '../learn.ts';
import { bounded } from './bounds.ts';

/** Routes that are told: a machine with more is a router, and its table is not its own. */
const ROUTES_KEPT = 300;

/** Routes of all tables but the kernel's own of the machine's addresses. */
export function readRoutes(answers: Answers): RouteFacts[] | undefined {
  const plain = answers.text('routes');
  const kernel = answers.text('routes-kernel');
  const found =
    plain === undefined && kernel !== undefined
      ? answers.learn('routes', 'routes-kernel', parseKernelRoutes)
      : answers.learn('routes', 'routes', parseRoutes);
  if (found === undefined) return undefined;
  if (plain === undefined) answers.gap('routes of IPv6 and of other tables', 'no-tool');
  const told = new Map(found.map(route => [JSON.stringify(route), route]));
  return bounded(answers, 'routes', [...told.values()], ROUTES_KEPT);
}

const hop = z.object({ host: z.string().optional() });
const route = z.object({
  type: z.string().optional(),
  dst: z.string().optional(),
  gateway: z.string().optional(),
  via: hop.optional(),
  dev: z.string().optional(),
  table: z.union([z.string(), z.number()]).optional(),
  nexthops: z
    .array(z.object({ gateway: z.string().optional(), via: hop.optional(), dev: z.string().optional() }))
    .optional(),
});

/** `ip -j route`, or what an ip prints that takes the option and speaks no JSON; undefined where it is neither. */
export function parseRoutes(text: string): RouteFacts[] | undefined {
  if (text.trim() === '') return [];
  const json = jsonOrUndefined(text);
  if (json === undefined) return parsePlainRoutes(text);
  const parsed = z.array(z.unknown()).safeParse(json);
  if (!parsed.success) return undefined;
  const routes = parsed.data.flatMap(entry => {
    const read = route.safeParse(entry);
    return read.success ? [read.data] : [];
  });
  if (routes.length === 0 && parsed.data.length > 0) return undefined;
  return routes.flatMap(({ type, dst, table, gateway, via, dev, nexthops }) => {
    if (dst === undefined || !isTold(type, String(table ?? ''), dst)) return [];
    const hops = nexthops === undefined || nexthops.length === 0 ? [{ gateway, via, dev }] : nexthops;
    return hops.map(next => routeTo(dst, next.gateway ?? next.via?.host, next.dev, type));
  });
}

/** One route a line; the further ways of one with several stand below it, indented. */
export function parsePlainRoutes(text: string): RouteFacts[] | undefined {
  const routes: RouteFacts[] = [];
  let to: string | undefined;
  let understood = false;
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/);
    if (line.trim() === '') continue;
    if (/^\s/.test(line) && words[0] === 'nexthop' && to !== undefined) {
      routes.push(routeTo(to, after(words, 'via'), after(words, 'dev'), undefined));
      continue;
    }
    const type = KINDS.has(words[0] ?? '') ? words.shift() : undefined;
    to = undefined;
    const destination = words[0] ?? '';
    if (!isDestination(destination)) continue;
    understood = true;
    if (!isTold(type, after(words, 'table') ?? '', destination)) continue;
    to = destination;
    const via = after(words, 'via');
    const device = after(words, 'dev');
    if (via !== undefined || device !== undefined || type !== undefined)
      routes.push(routeTo(destination, via, device, type));
  }
  return understood ? routes : undefined;
}

/** `/proc/net/route`: IPv4 of the main table, addresses in hexadecimal, the least byte first. */
export function parseKernelRoutes(text: string): RouteFacts[] | undefined {
  const [head = '', ...lines] = text.split('\n');
  if (!head.startsWith('Iface')) return undefined;
  return lines.flatMap(line => {
    const [device, to, gateway, flags, , , , mask] = line.trim().split(/\s+/);
    const target = dotted(to);
    const via = dotted(gateway);
    const bits = bitsOf(mask);
    if (device === undefined || target === undefined || via === undefined || bits === undefined) return [];
    // Bit 0 of the flags: the route is in use.
    if ((Number.parseInt(flags ?? '', 16) & 1) === 0 || device === 'lo') return [];
    const prefix = bits === 0 ? 'default' : bits === 32 ? target : `${target}/${bits}`;
    return [
      routeTo(prefix, via === '0.0.0.0' ? undefined : via, device === '*' ? undefined : device, undefined),
    ];
  });
}

const KINDS = new Set([
  ...['unicast', 'local', 'broadcast', 'multicast', 'anycast', 'throw', 'nat', 'xresolve'],
  ...['unreachable', 'prohibit', 'blackhole'],
]);
const REFUSING = new Set(['unreachable', 'prohibit', 'blackhole']);

function isTold(type: string | undefined, table: string, to: string): boolean {
  if (table === 'local' || table === '255') return false;
  if (type !== undefined && type !== 'unicast' && !REFUSING.has(type)) return false;
  // The kernel's own: it refuses all of IPv6 where nobody has a route to it.
  if (type === 'unreachable' && to === 'default') return false;
  return !/^(?:fe80:|ff)/i.test(to);
}

function isDestination(word: string): boolean {
  return word === 'default' || /^[0-9a-fA-F][0-9a-fA-F.:]*(?:\/\d{1,3})?$/.test(word);
}

/** A route that only refuses has the way in which it does in place of its device. */
function routeTo(
  to: string,
  via: string | undefined,
  device: string | undefined,
  type: string | undefined,
): RouteFacts {
  const through = type !== undefined && REFUSING.has(type) ? type : device;
  return {
    to: harmless(to.slice(0, 64)),
    ...(via === undefined ? {} : { via: harmless(via.slice(0, 64)) }),
    ...(through === undefined ? {} : { device: harmless(through.slice(0, 32)) }),
  };
}

function after(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(name);
  const word = at < 0 ? undefined : words[at + 1];
  // `via inet6 fe80::1`: the family stands between.
  return word === 'inet6' || word === 'inet' ? words[at + 2] : word;
}

function dotted(hex: string | undefined): string | undefined {
  if (hex === undefined || !/^[0-9A-Fa-f]{8}$/.test(hex)) return undefined;
  return [6, 4, 2, 0].map(at => Number.parseInt(hex.slice(at, at + 2), 16)).join('.');
}

function bitsOf(hex: string | undefined): number | undefined {
  const bytes = dotted(hex);
  if (bytes === undefined) return undefined;
  return bytes
    .split('.')
    .map(byte => Number(byte).toString(2).replaceAll('0', '').length)
    .reduce((sum, bits) => sum + bits, 0);
}
