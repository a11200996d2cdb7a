import type { Answers, Learned } from './learn.ts';
import { readClock } from './system/clock.ts';
import { readFirewall } from './system/firewall.ts';
import { readIdentity } from './system/identity.ts';
import { readKernel } from './system/kernel.ts';
import { readVirtualLinks } from './system/links.ts';
import { readStaticNames } from './system/names.ts';
import { readRates } from './system/rates.ts';
import { readRoutes } from './system/routes.ts';

/** Routes, firewall, time, load, rates, identity. A group that could not be learned is absent, and a gap says why. */
export function readSystem(answers: Answers): Learned {
  const groups = {
    routes: readRoutes(answers),
    staticNames: readStaticNames(answers),
    virtualLinks: readVirtualLinks(answers),
    firewall: readFirewall(answers),
    time: readClock(answers),
    identity: readIdentity(answers),
    rates: readRates(answers),
  };
  const learned: Learned = readKernel(answers);
  for (const key of GROUPS) if (groups[key] !== undefined) Object.assign(learned, { [key]: groups[key] });
  return learned;
}

const GROUPS = ['routes', 'staticNames', 'virtualLinks', 'firewall', 'time', 'identity', 'rates'] as const;
