import { z } from 'zod';
import { harmless } from '../../../foundation/text.ts';
import { jsonOrUndefined } from '../../../tools/block-devices.ts';
import { addressesIn, addressOrNetwork } from './addresses.ts';

/** What a packet filter holds: how many rules, and the addresses and networks in them. */
export interface Rules {
  readonly rules: number;
  readonly addresses: readonly string[];
}

/**
 * Chains and sets that programs fill from minute to minute: bans, ports of containers, services of a cluster. They come
 * back by themselves, and counting them would make every look different from the last.
 */
const FILLED = /^(?:f2b[-_]|addr6?-set-|fail2ban|DOCKER|KUBE-|cali|CNI-|NETAVARK|sshguard|crowdsec|CILIUM)/i;

const place = z.object({
  chain: z.string().optional(),
  table: z.string().optional(),
  name: z.string().optional(),
});
const rule = z.object({ rule: place.extend({ expr: z.array(z.unknown()).optional() }) });
const set = z.union([
  z.object({ set: place.extend({ elem: z.unknown() }) }),
  z.object({ map: place.extend({ elem: z.unknown() }) }),
]);
const ruleset = z.object({ nftables: z.array(z.unknown()) });

/** `nft -j list ruleset` and `nft -j list sets`; undefined where it is no such answer. */
export function parseNft(text: string): Rules | undefined {
  const parsed = ruleset.safeParse(jsonOrUndefined(text));
  if (!parsed.success) return undefined;
  const addresses = new Set<string>();
  let rules = 0;
  for (const entry of parsed.data.nftables) {
    const own = rule.safeParse(entry);
    if (own.success && !isFilled(own.data.rule)) {
      rules++;
      collect(own.data.rule.expr, addresses);
    }
    const held = set.safeParse(entry);
    if (!held.success) continue;
    const { elem, ...names } = 'set' in held.data ? held.data.set : held.data.map;
    if (!isFilled(names)) collect(elem, addresses);
  }
  return { rules, addresses: [...addresses] };
}

function isFilled({ chain, table, name }: z.infer<typeof place>): boolean {
  return [chain, table, name].some(word => word !== undefined && FILLED.test(word));
}

/** Addresses anywhere in an expression, without a stack of calls that a host could make as deep as it likes. */
function collect(root: unknown, into: Set<string>): void {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') {
      const found = addressOrNetwork(value);
      if (found !== undefined) into.add(harmless(found));
    } else if (Array.isArray(value)) {
      for (const member of value) open.push(member);
    } else if (typeof value === 'object' && value !== null) {
      const prefix = prefixOf(value);
      if (prefix === undefined) for (const member of Object.values(value)) open.push(member);
      else into.add(prefix);
    }
  }
}

const prefix = z.strictObject({
  prefix: z.strictObject({ addr: z.string(), len: z.number().int().nonnegative() }),
});

function prefixOf(value: object): string | undefined {
  const parsed = prefix.safeParse(value);
  if (!parsed.success) return undefined;
  const { addr, len } = parsed.data.prefix;
  const found = addressOrNetwork(`${addr}/${len}`);
  return found === undefined ? undefined : harmless(found);
}

/** `nft list ruleset` of an nft that speaks no JSON. */
export function parsePlainNft(text: string): Rules | undefined {
  if (text.trim() === '') return { rules: 0, addresses: [] };
  if (!/^table \S+ \S+ \{/m.test(text)) return undefined;
  const addresses = new Set<string>();
  let rules = 0;
  let table = '';
  let chain: string | undefined;
  let inSet = false;
  for (const line of text.split('\n')) {
    const told = line.trim();
    const opened = /^(table \S+|chain|set|map|flowtable|ct \S+) (\S+) \{/.exec(told);
    if (opened !== null) {
      const [, kind = '', name = ''] = opened;
      if (kind.startsWith('table')) table = name;
      chain = kind === 'chain' ? name : undefined;
      inSet = (kind === 'set' || kind === 'map') && !isFilled({ table, name });
      continue;
    }
    if (told === '}') {
      chain = undefined;
      inSet = false;
    } else if (inSet) for (const found of addressesIn(told)) addresses.add(found);
    else if (chain !== undefined && told !== '' && !/^(?:type|policy|comment) /.test(told)) {
      if (isFilled({ chain, table })) continue;
      rules++;
      for (const found of addressesIn(told.replace(/comment "[^"]*"/g, ''))) addresses.add(found);
    }
  }
  return { rules, addresses: [...addresses] };
}

/** `iptables-save`; undefined where it is no such answer. No answer at all is a filter without tables. */
export function parseIptables(text: string): Rules | undefined {
  if (text.trim() === '') return { rules: 0, addresses: [] };
  if (!/^\*[a-z]+$/m.test(text) && !text.startsWith('# ')) return undefined;
  const addresses = new Set<string>();
  let rules = 0;
  for (const line of text.split('\n')) {
    const chain = /^-A (\S+)/.exec(line)?.[1];
    if (chain === undefined || FILLED.test(chain)) continue;
    rules++;
    const said = line.replace(/--comment (?:"(?:[^"\\]|\\.)*"|\S+)/g, '');
    for (const found of addressesIn(said)) addresses.add(found);
  }
  return { rules, addresses: [...addresses] };
}
