import type { Plan } from '../../plan/schema.ts';

/** Looks within the shortest of the intervals that have to be held. */
const LOOKS = 5;
const LEAST_S = 60;
const MOST_S = 15 * 60;

/** How often a timer has to look for what is due, seconds: a fifth of the shortest RPO, or of what the plan says instead. */
export function intervalOf({ machines, tiers, passes, verify }: Plan): number {
  const asked = Object.values(machines).flatMap(({ tier }) => {
    const rpo = Object.hasOwn(tiers, tier) ? tiers[tier]?.rpo : undefined;
    return rpo === undefined ? [] : [rpo];
  });
  const shortest = Math.min(
    ...(passes.every === undefined ? asked : [passes.every]),
    ...(verify.every === undefined ? [] : [verify.every]),
    LOOKS * MOST_S * 1000,
  );
  return Math.round(Math.min(MOST_S, Math.max(LEAST_S, shortest / LOOKS / 1000)));
}
