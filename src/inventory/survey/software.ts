import type { Answers, Learned } from './learn.ts';

/** Packages, containers, schedules, certificates, services that hold data, mail. */
export function readSoftware(_answers: Answers): Learned {
  return {};
}
