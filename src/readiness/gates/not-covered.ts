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

/** A database does not travel with this version: that blocks the verdict of the whole. */
export function databaseNotCovered(): GateFacts[] {
  return [
    {
      check: 'replication',
      title: 'Database replication',
      severity: 'critical',
      verdict: 'not-covered',
      evidence: ['this version of landfall neither seeds nor replicates databases: nothing of it travels'],
      remedy: 'seed and replicate this database by hand, or restore a current backup at the target',
      costOfIgnoring: 'the database is lost with the source site',
    },
  ];
}
