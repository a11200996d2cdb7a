import { harmless } from '../../foundation/text.ts';
import type { GuestFacts } from '../../journal/facts.ts';
import type { GuestFinding } from './finding.ts';

/** What is wrong already, and would be taken for a fault of the copy. */
export function stateFindings({ failedUnits, hostKeys }: GuestFacts): GuestFinding[] {
  const failed = (failedUnits ?? []).map(harmless);
  return [
    ...(failed.length === 0
      ? []
      : [
          {
            check: 'failed-units' as const,
            found: `failed on the source already: ${failed.slice(0, SHOWN).join(', ')}${failed.length > SHOWN ? ` and ${failed.length - SHOWN} more` : ''}`,
            help: 'see why: systemctl status UNIT; a copy of this machine fails in the same places',
          },
        ]),
    ...(hostKeys === undefined || hostKeys.length > 0
      ? []
      : [
          {
            check: 'host-keys' as const,
            found: 'no public SSH host key below /etc/ssh',
            help: 'see where sshd keeps its keys (sshd -T | grep hostkey); a boot proof compares them',
          },
        ]),
  ];
}

const SHOWN = 5;
