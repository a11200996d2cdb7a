import type { GateFacts } from '../gate.ts';

/**
 * What a ready evacuation needs and this version of landfall cannot check. Each is a gate of its own, so that no
 * verdict can be read as more than it is. A gate leaves this file when the capability arrives.
 */

/** Listed beside the verdict of a machine: they do not block it. */
export function machineNotCovered(): GateFacts[] {
  return [
    {
      check: 'reachability',
      title: 'Routes and firewalls on the way to the target',
      severity: 'warning',
      verdict: 'not-covered',
      evidence: ['this version of landfall does not try whether users and partners reach the target network'],
      remedy:
        'from where users are, reach a port of the target network; ask who keeps the firewalls for the rules of the source',
      costOfIgnoring: 'the copy runs and nobody reaches it',
    },
  ];
}
