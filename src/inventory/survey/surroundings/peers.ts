import { canonicalIp, leadsNowhere } from '../../../foundation/ip.ts';
import { harmless } from '../../../foundation/text.ts';
import type { PeerFacts } from '../../../journal/facts-survey.ts';
import type { Answers, PeerSample } from '../learn.ts';
import { portOf } from './rows.ts';

/** Other ends that are told of one machine: those seen most often. */
const MOST = 400;
/** How a machine gets its own address says nothing of whom it needs. */
const OF_ADDRESSING = new Set([67, 68, 546, 547]);

export interface Look {
  /** Seconds since the boot; absent where the machine does not tell. */
  readonly at?: number;
  readonly peers: readonly PeerFacts[];
}

/** One look: its time, then DIRECTION, PROTOCOL, ADDRESS, PORT, STATE, PROCESS apart by tabs; undefined where it is none. */
export function parseLook(text: string): Look | undefined {
  const lines = text.split('\n').filter(line => line.trim() !== '');
  const at = /^@ (\d+(?:\.\d+)?)$/.exec(lines[0] ?? '')?.[1];
  const rows = at === undefined ? lines : lines.slice(1);
  const known = rows.map(peerOf);
  // The last line may have been cut off; a table with other lines that mean nothing is another table.
  if (known.slice(0, -1).includes(undefined) || (rows.length === 1 && known[0] === undefined))
    return undefined;
  const peers = known.filter(peer => peer !== undefined);
  return {
    ...(at === undefined ? {} : { at: Number(at) }),
    peers: peers.filter(({ address, port }) => !leadsNowhere(address) && !OF_ADDRESSING.has(port)),
  };
}

function peerOf(line: string): PeerFacts | undefined {
  const [direction, protocol, raw = '', number, state, process = ''] = line.split('\t');
  if (direction !== 'in' && direction !== 'out') return undefined;
  if (protocol !== 'tcp' && protocol !== 'udp') return undefined;
  const address = canonicalIp(raw);
  const port = portOf(number);
  if (address === undefined || port === undefined) return undefined;
  return {
    ...{ direction, protocol, address, port },
    ...(process === '' ? {} : { process: harmless(process.slice(0, 64)) }),
    seen: 1,
    ...(state === 'waiting' ? { unanswered: true } : {}),
  };
}

/** All looks put together; undefined, and a gap, where not one could be had. */
export function readPeerSample(answers: Answers): PeerSample | undefined {
  const sample = sampleOf(answers, MOST + 1);
  if (sample === undefined)
    answers.learn('who is at the other end of its connections', 'peers:1', parseLook, 'ss of iproute2');
  if (sample === undefined || sample.peers.length <= MOST) return sample;
  answers.gap(`other ends of its connections beyond the ${MOST} that are kept`, 'cut-short');
  return { ...sample, peers: sample.peers.slice(0, MOST) };
}

/** The same for whoever asks besides: it leaves no gap. */
export function sampleOf(answers: Answers, most = MOST): PeerSample | undefined {
  const looks = answers
    .named('peers:')
    .map(name => answers.text(name))
    .map(text => (text === undefined ? undefined : parseLook(text)))
    .filter(look => look !== undefined);
  if (looks.length === 0) return undefined;
  const all = new Map<string, PeerFacts>();
  for (const { peers } of looks) for (const peer of peers) add(all, peer);
  const times = looks.map(({ at }) => at).filter(at => at !== undefined);
  const seconds = times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
  return {
    samples: looks.length,
    seconds: Math.round(seconds * 10) / 10,
    peers: [...all.values()].sort((a, b) => b.seen - a.seen).slice(0, most),
  };
}

function add(all: Map<string, PeerFacts>, peer: PeerFacts): void {
  const key = [peer.direction, peer.protocol, peer.address, peer.port].join(' ');
  const known = all.get(key);
  if (known === undefined) {
    all.set(key, peer);
    return;
  }
  const { unanswered, ...rest } = known;
  const process = known.process ?? peer.process;
  all.set(key, {
    ...rest,
    ...(process === undefined ? {} : { process }),
    // Of a service behind several addresses or a restart: it answered at least once.
    seen: known.seen + 1,
    ...(unanswered === true && peer.unanswered === true ? { unanswered: true } : {}),
  });
}
