import type { Answers, Learned, PeerSample } from './learn.ts';

/** Shares, upstreams, static names, addresses that stand in files. */
export function readSurroundings(_answers: Answers): Learned {
  return {};
}

/** Who was at the other end of its connections; undefined where nobody could look. */
export function readPeers(_answers: Answers): PeerSample | undefined {
  return undefined;
}
