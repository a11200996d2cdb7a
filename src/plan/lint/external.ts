import { isInNetwork, parseIp } from '../../foundation/ip.ts';
import type { Draft } from '../draft.ts';
import { caution, type Finding, fault } from '../finding.ts';

/** What does not move: a replacement that nobody named, and places that two entries claim. */
export function lintExternal(draft: Draft): Finding[] {
  const findings: Finding[] = [];
  const claimed: { readonly name: string; readonly place: string; readonly ports?: readonly number[] }[] = [];
  for (const [name, { at, ports, after_loss: afterLoss, replaced_by: replacedBy }] of draft.external
    .entries) {
    const path = ['external', name];
    if (draft.machines.names.has(name) || draft.databases.names.has(name)) {
      findings.push(
        fault(
          path,
          `"${name}" is the name of a ${draft.machines.names.has(name) ? 'machine' : 'database'} already`,
          {
            on: 'key',
            suggestion: 'rename one: what is external does not move',
          },
        ),
      );
    }
    if (afterLoss === 'replaced' && replacedBy === undefined) {
      findings.push(
        fault([...path, 'after_loss'], `nobody has said what replaces "${name}"`, {
          suggestion: 'add "replaced_by:" with an address or a name at the target',
        }),
      );
    }
    if (afterLoss !== 'replaced' && replacedBy !== undefined) {
      findings.push(
        caution([...path, 'replaced_by'], `this counts only with "after_loss: replaced"`, {
          suggestion: 'set after_loss, or remove it',
        }),
      );
    }
    for (const [index, place] of at.entries()) {
      if (/^[0-9a-fA-F:.]+\/\d+$/.test(place) && !isNetwork(place)) {
        findings.push(
          fault([...path, 'at', index], 'this is no network', {
            value: place,
            suggestion: 'write it like 10.9.0.0/16',
          }),
        );
        continue;
      }
      const other = claimed.find(
        each => each.name !== name && meet(each.place, place) && portsMeet(each.ports, ports),
      );
      if (other !== undefined)
        findings.push(
          caution(
            [...path, 'at', index],
            `"${other.name}" claims ${other.place} already: the first one counts`,
          ),
        );
      claimed.push({ name, place: place.toLowerCase(), ...(ports === undefined ? {} : { ports }) });
    }
  }
  return findings;
}

const isNetwork = (cidr: string): boolean => isInNetwork(cidr.split('/')[0] ?? '', cidr) === true;

function meet(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  if (a === b) return true;
  return covers(a, b) || covers(b, a);
}

/** A network holds the address, or the beginning of the network; a pattern holds the name. */
function covers(wide: string, narrow: string): boolean {
  if (wide.startsWith('*.')) return narrow.endsWith(wide.slice(1));
  const [address = '', length] = narrow.split('/');
  if (!wide.includes('/') || parseIp(address) === undefined) return false;
  const isNarrower = length === undefined || Number(length) >= Number(wide.split('/')[1]);
  return isNarrower && isInNetwork(address, wide) === true;
}

const portsMeet = (one: readonly number[] | undefined, other: readonly number[] | undefined): boolean =>
  one === undefined || other === undefined || one.some(port => other.includes(port));
