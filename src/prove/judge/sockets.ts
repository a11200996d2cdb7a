import { counted } from '../../foundation/units.ts';
import type { SocketFacts } from '../../journal/facts.ts';
import type { ProofCheck } from '../../journal/proof-facts.ts';
import { isHeldProcess } from './held.ts';
import { type Expected, found, notTold, type Seen } from './subject.ts';

/** That what listens at the source listens in the copy, apart from what is held. */
export function sockets({ guest, held }: Expected, { evidence, evidenceMs }: Seen): ProofCheck[] {
  if (evidence === undefined) return [notTold('sockets')];
  const has = evidence.guest?.sockets;
  if (has === undefined) return [found('sockets', 'unproven', 'where it listens could not be read')];
  const wanted = unique(guest.sockets.filter(socket => !isDrawn(socket)));
  const heldHere = wanted.filter(({ process }) => isHeldProcess(process, held));
  const expected = wanted.filter(socket => !heldHere.includes(socket));
  const missing = expected.filter(socket => !has.some(each => covers(each, socket)));
  const notes = heldHere.map(socket => `held on purpose: ${named(socket)}`);
  if (missing.length > 0)
    return [
      found(
        'sockets',
        'fail',
        `nothing listens at ${missing.slice(0, 3).map(named).join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more` : ''}`,
        [...missing.map(socket => `missing: ${named(socket)}`), ...notes],
      ),
    ];
  return [
    found(
      'sockets',
      'pass',
      `${counted(expected.length, 'socket')} as at the source`,
      [...expected.map(named), ...notes],
      evidenceMs,
    ),
  ];
}

/** Ports that a program is given at random at each start, and client ends that ss lists as listening. */
const isDrawn = ({ protocol, port, process }: SocketFacts): boolean =>
  port >= 32_768 ||
  (protocol === 'udp' && [68, 546].includes(port)) ||
  (/^rpc\./.test(process ?? '') && port !== 111 && port !== 2049);

const WILDCARD = new Set(['0.0.0.0', '::', '*', '[::]', '']);

/** A program that listens everywhere listens at that address, too. */
function covers(has: SocketFacts, wanted: SocketFacts): boolean {
  if (has.protocol !== wanted.protocol || has.port !== wanted.port) return false;
  const bare = (address: string): string => address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  return bare(has.address) === bare(wanted.address) || WILDCARD.has(has.address);
}

function unique(all: readonly SocketFacts[]): SocketFacts[] {
  return [...new Map(all.map(each => [`${each.protocol} ${each.address} ${each.port}`, each])).values()];
}

const named = ({ protocol, address, port, process }: SocketFacts): string =>
  `${protocol} ${address.includes(':') && !address.startsWith('[') ? `[${address}]` : address}:${port}${process === undefined ? '' : ` (${process})`}`;
