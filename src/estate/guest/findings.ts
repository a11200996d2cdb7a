import type { GuestFacts } from '../../journal/facts.ts';
import { bootFindings } from './boot.ts';
import type { GuestFinding } from './finding.ts';
import { fstabFindings } from './fstab.ts';
import { networkFindings } from './network.ts';
import { stateFindings } from './state.ts';

export type { GuestFinding } from './finding.ts';

/**
 * What the engineer must know early: where this machine would not come up again as it is now, be it here or there.
 * Only what the facts prove is said; what could not be looked at is silent, and no alarm is raised for what a boot
 * passes over (`noauto`, `nofail`, network file systems).
 */
export function findingsOf(guest: GuestFacts): GuestFinding[] {
  return [
    ...bootFindings(guest),
    ...fstabFindings(guest),
    ...networkFindings(guest),
    ...stateFindings(guest),
  ];
}
