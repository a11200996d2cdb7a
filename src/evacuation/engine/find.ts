import { resolve } from 'node:path';
import { asLandfallError, type ErrorRecord, LandfallError, recordOf } from '../../foundation/errors.ts';
import { listEvacuations, openEvacuationDirectory } from '../../journal/directory.ts';
import { glanceAt } from '../../journal/glance.ts';
import { inspectLock } from '../../journal/lock.ts';
import { readState } from '../../journal/read-state.ts';
import type { EvacuationState } from '../../journal/state.ts';
import { dial } from './dial.ts';

/** One evacuation in a list of all. */
export interface EvacuationSummary {
  readonly name: string;
  readonly lab: boolean;
  readonly rehearsal: boolean;
  readonly phase: EvacuationState['phase'];
  readonly outcome?: NonNullable<EvacuationState['outcome']>;
  /** It ended because an engineer ordered it. */
  readonly stopped?: boolean;
  /** A living engine holds it, and listens. */
  readonly running: boolean;
  /** Whoever holds it: an engine, or a command that takes no orders such as `inventory`. */
  readonly holder?: { readonly pid: number; readonly host: string; readonly user: string };
  /** It was running when whoever steered it died: `landfall run` goes on. */
  readonly interrupted: boolean;
  readonly createdAt: number;
  /** Time of the last event, epoch ms. */
  readonly lastAt: number;
  /** Why nothing more can be said: its journal cannot be read. */
  readonly error?: ErrorRecord;
}

/** All evacuations of a directory, the newest first. Reads only; one that is damaged does not hide the others. */
export async function findEvacuations({ root }: { readonly root: string }): Promise<EvacuationSummary[]> {
  const base = resolve(root);
  const found: EvacuationSummary[] = [];
  // One after the other: each journal is read by a stream, and the disk is the same for all.
  for (const name of await listEvacuations(base)) found.push(await summaryOf(base, name));
  return found.sort((a, b) => b.lastAt - a.lastAt || (a.name < b.name ? -1 : 1));
}

async function summaryOf(root: string, name: string): Promise<EvacuationSummary> {
  try {
    const { path, journalPath, lockPath } = await openEvacuationDirectory(root, name);
    const [recorded, held] = await Promise.all([recordedOf(root, name, journalPath), inspectLock(lockPath)]);
    const holder = held !== undefined && held.verdict.holder !== 'ended' ? held.record : undefined;
    return {
      name,
      ...recorded,
      running: held?.verdict.holder === 'alive' && (await listens(path, name)),
      ...(holder === undefined ? {} : { holder: { pid: holder.pid, host: holder.host, user: holder.user } }),
      interrupted: recorded.phase === 'running' && (held === undefined || held.verdict.holder === 'ended'),
    };
  } catch (thrown) {
    const error = recordOf(asLandfallError(thrown));
    return { name, ...NOTHING_KNOWN, running: false, interrupted: false, error };
  }
}

/** A socket file proves nothing: an engine that was killed leaves it behind, and another command may hold the lock now. */
async function listens(directory: string, name: string): Promise<boolean> {
  try {
    (await dial(directory, name)).destroy();
    return true;
  } catch (error) {
    return !(error instanceof LandfallError && error.code === 'engine.absent');
  }
}

type Recorded = Pick<
  EvacuationSummary,
  'lab' | 'rehearsal' | 'phase' | 'outcome' | 'stopped' | 'createdAt' | 'lastAt'
>;

const NOTHING_KNOWN = {
  lab: false,
  rehearsal: false,
  phase: 'created',
  createdAt: 0,
  lastAt: 0,
} as const satisfies Recorded;

/** From the two ends of the journal; all of it where they do not say enough. */
async function recordedOf(root: string, name: string, journalPath: string): Promise<Recorded> {
  const glance = await glanceAt(journalPath);
  if (glance === undefined) return foldedOf(root, name);
  const { created, last, turn, isStopped: stopped, isWhole } = glance;
  const { lab, rehearsal } = created;
  const times = { createdAt: created.at, lastAt: last.at };
  if (turn?.type === 'evacuation.ended')
    return { lab, rehearsal, phase: 'ended', outcome: turn.outcome, stopped, ...times };
  return { lab, rehearsal, phase: turn === undefined && isWhole ? 'created' : 'running', ...times };
}

async function foldedOf(root: string, name: string): Promise<Recorded> {
  const { state } = await readState(root, name);
  const { evacuation, lastAt } = state;
  if (evacuation === undefined) return { ...NOTHING_KNOWN, createdAt: lastAt, lastAt };
  const { lab, rehearsal, phase, outcome, createdAt } = evacuation;
  return { lab, rehearsal, phase, createdAt, lastAt, ...(outcome === undefined ? {} : { outcome }) };
}
