import type { LockRecord } from './lock-record.ts';
import type { Sighting, Whereabouts } from './process-probe.ts';

/** What is known about the holder of a lock. Only `ended` makes a takeover safe. */
export type Verdict =
  | { readonly holder: 'alive' }
  | { readonly holder: 'ended'; readonly reason: string }
  /** It runs, or ran, where this process cannot look. */
  | { readonly holder: 'unseen'; readonly why: string };

/** Whether the numbers in the record mean anything here: then, and only then, is a look at the PID worth something. */
export function canSee(record: LockRecord, here: Whereabouts): boolean {
  return (
    record.bootId !== undefined && record.bootId === here.bootId && record.pidNamespace === here.pidNamespace
  );
}

/** Judges a holder; `sighting` is what a look at its PID showed, where `canSee` allows one. */
export function judgeHolder(record: LockRecord, here: Whereabouts, sighting: Sighting | undefined): Verdict {
  if (canSee(record, here) && sighting !== undefined) return judgeSighting(record, sighting);
  if (record.bootId === undefined || here.bootId === undefined) {
    return { holder: 'unseen', why: `it cannot be told whether ${record.host} was restarted` };
  }
  if (record.bootId === here.bootId) {
    return { holder: 'unseen', why: 'it runs in another container of this host' };
  }
  const sameHost =
    record.host === here.host && record.machineId !== undefined && record.machineId === here.machineId;
  if (!sameHost) {
    return { holder: 'unseen', why: `it runs on ${record.host}, which cannot be seen from ${here.host}` };
  }
  return {
    holder: 'ended',
    reason: `${record.host} was restarted since the holder, pid ${record.pid}, took the lock`,
  };
}

function judgeSighting(record: LockRecord, sighting: Sighting): Verdict {
  const who = `pid ${record.pid} on ${record.host}`;
  if (!sighting.exists) return { holder: 'ended', reason: `the holder, ${who}, is no longer running` };
  const { startTicks } = sighting;
  const reused =
    startTicks !== undefined && record.startTicks !== undefined && startTicks !== record.startTicks;
  if (!reused) return { holder: 'alive' };
  return {
    holder: 'ended',
    reason: `the holder, ${who}, is no longer running: its number belongs to another process now`,
  };
}
