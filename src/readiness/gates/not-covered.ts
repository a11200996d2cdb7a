import type { GateFacts } from '../gate.ts';

/**
 * What a ready evacuation needs and this version of landfall cannot check. Each is a gate of its own, so that no
 * verdict can be read as more than it is. A gate leaves this file when the capability arrives.
 */

/** Listed beside the verdict of a machine: they do not block it. */
export function machineNotCovered(): GateFacts[] {
  return [
    {
      check: 'network',
      title: 'Network and DNS at the target',
      severity: 'warning',
      verdict: 'not-covered',
      evidence: ['this version of landfall checks neither addresses, routes nor names at the target'],
      remedy:
        'compare the network settings in the replica with the target network, and lower the TTL of the records that will move',
      costOfIgnoring: 'the copy runs and nobody reaches it',
    },
  ];
}
