import type { GuestFacts } from '../journal/facts.ts';
import { bootFindings } from './findings/boot.ts';
import type { GuestFinding } from './findings/finding.ts';
import { fstabFindings } from './findings/fstab.ts';
import { networkFindings } from './findings/network.ts';
import { stateFindings } from './findings/state.ts';

export type { GuestFinding } from './findings/finding.ts';

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
