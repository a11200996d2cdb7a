import type { Answers, Learned } from './learn.ts';

/** Routes, firewall, time, load, rates, identity. */
export function readSystem(_answers: Answers): Learned {
  return {};
}
