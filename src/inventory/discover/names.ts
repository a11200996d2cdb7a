import { isIP } from 'node:net';
import { NAME_PATTERN } from '../../foundation/names.ts';
import type { Discovered } from './discover.ts';

/** Names for what was found, in the plan's alphabet: short, stable, and no two alike. */

/** A text as a name of the plan: `App_2 (old)` is `app-2-old`; `fallback` where nothing of it is left. */
export function planName(text: string, fallback: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  return NAME_PATTERN.test(name) ? name : fallback;
}

/** The name, or the name with the first number that makes it new; it is taken from then on. */
export function unlike(name: string, taken: Set<string>): string {
  let candidate = name;
  for (let number = 2; taken.has(candidate); number += 1) {
    const tail = `-${number}`;
    candidate = `${name.slice(0, 63 - tail.length).replace(/-+$/, '')}${tail}`;
  }
  taken.add(candidate);
  return candidate;
}

const labels = (address: string): string[] => (isIP(address) === 0 ? address.split('.') : [address]);

/** `kvm1.miami.example` and `kvm1.dallas.example` are `kvm1-miami` and `kvm1-dallas`; alone each would be `kvm1`. */
export function nameHypervisors(addresses: readonly string[]): Discovered[] {
  const short = (address: string, count: number): string =>
    planName(labels(address).slice(0, count).join('-'), 'hypervisor');
  const taken = new Set<string>();
  return addresses.map(address => {
    const others = addresses.filter(other => other !== address);
    const count = [1, 2, 3].find(n => !others.some(other => short(other, n) === short(address, n)));
    return { name: unlike(short(address, count ?? 3), taken), address };
  });
}

/** `miami` and `dallas` where the addresses say so; otherwise `source` and `target`. */
export function nameSites(
  source: readonly string[],
  target: readonly string[],
): { readonly source: string; readonly target: string } {
  const common = (addresses: readonly string[]): string | undefined => {
    const places = new Set(
      addresses.map(address => {
        const all = labels(address);
        return all.length >= 3 ? all[1] : undefined;
      }),
    );
    const [place] = places;
    return places.size === 1 && place !== undefined && NAME_PATTERN.test(place) ? place : undefined;
  };
  const from = common(source);
  const to = common(target);
  return from !== undefined && to !== undefined && from !== to
    ? { source: from, target: to }
    : { source: 'source', target: 'target' };
}
