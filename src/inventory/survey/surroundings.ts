import type { Answers, Learned, PeerSample } from './learn.ts';
import { readAddresses } from './surroundings/addresses.ts';
import { readPeerSample, sampleOf } from './surroundings/peers.ts';
import { readShares } from './surroundings/shares.ts';
import { readUpstreams } from './surroundings/upstreams.ts';

/** Shares, upstreams, static names, addresses that stand in files. */
export function readSurroundings(answers: Answers): Learned {
  const shares = readShares(answers, sampleOf(answers));
  const upstreams = readUpstreams(answers);
  return {
    ...(shares === undefined ? {} : { shares }),
    ...(upstreams === undefined ? {} : { upstreams }),
    ...readAddresses(answers),
  };
}

/** Who was at the other end of its connections; undefined where nobody could look. */
export function readPeers(answers: Answers): PeerSample | undefined {
  return readPeerSample(answers);
}
