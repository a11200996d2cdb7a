import { asLandfallError, LandfallError } from '../../foundation/errors.ts';
import type { Consistency } from '../../journal/events.ts';
import { get } from '../../journal/maps.ts';
import type { RemoteJob } from '../../remote/host.ts';
import type { RetryPolicy, StepContext, View } from '../../step/step.ts';
import { LINK_RETRY } from '../retry.ts';
import { journalHooks, journalRemoved, journalTaken, missing } from './chronicle.ts';
import { hookFailed, snapshotUnusable, stuckOf } from './failures.ts';
import { type Keeper, keeperOf, leftoverActions } from './keeper.ts';
import { type HookTold, readKeeper, type Told } from './keeper-lines.ts';
import { labelOf, type Reading } from './label.ts';
import { keeperJob } from './names.ts';

/** As the link's, and a snapshot that was of no use: the next attempt reads that file system live, and says so. */
export const PASS_RETRY: RetryPolicy = {
  ...LINK_RETRY,
  transient: error => LINK_RETRY.transient(error) || error.code === 'sync.snapshot-unusable',
};

export interface PassOf {
  readonly machine: string;
  readonly pass: number;
  /** Which attempt at the step this is, from 1. */
  readonly attempt: number;
}

/** What holds a pass together while it reads. */
export interface Hold {
  /** What a run that read this file system has caught begins here, by the source's clock; undefined where it was read live. */
  readonly instantOf: (mountpoint: string) => number | undefined;
  /**
   * Everything is read: what was taken is taken away, and the label is what the weakest file system was worth.
   * Throws `sync.snapshot-unusable` where a snapshot ran full, so that what was read from it does not count.
   */
  release(startedAt: number, signal: AbortSignal): Promise<Released>;
  /** The pass broke off. Kept for the next attempt where that is near and nothing stands still for it. */
  drop(thrown: unknown, signal: AbortSignal): Promise<void>;
}

export interface Released {
  readonly consistency: Consistency;
  /** What is to be raised once the pass is on record: it is whole, and something on the source is not as it was. */
  readonly problem?: LandfallError | undefined;
}

/**
 * Brings the source of a pass into one instant as far as the plan wants it. A keeper that runs already is taken up; one
 * that is gone makes the pass begin again as a whole: `discardJobs` takes away what was read without it.
 */
export async function takeHold(
  context: StepContext,
  { machine, pass, attempt }: PassOf,
  discardJobs: () => Promise<void>,
  signal: AbortSignal,
): Promise<Hold> {
  const keeper = keeperOf(context, machine, pass);
  if (keeper === undefined) {
    if ((context.state.machines[machine]?.snapshots ?? []).length > 0) await clearLeftovers(context, machine);
    return plainHold(context, machine);
  }
  const host = await context.host(machine);
  const job = host.job(keeper.job.job);
  const how = await begin(context, keeper, job, discardJobs, signal);
  const told = await listen(context, keeper, job, signal, ({ ready }) => ready);
  await journalHooks(
    context,
    machine,
    pass,
    how === 'new' ? told.hooks : missing(context, machine, pass, told),
  );
  const since = (last: Told): readonly HookTold[] => last.hooks.slice(told.hooks.length);
  if (!told.ready) return refuse(context, keeper, { machine, pass }, told, job);
  await journalTaken(context, machine, pass, keeper, told);
  context.sample({ text: 'what is copied stands in one instant' });

  return {
    instantOf(mountpoint) {
      const at = keeper.parts.findIndex(part => part.mountpoint === mountpoint);
      return told.taken.get(at);
    },
    async release(startedAt, ends) {
      const last = await finish(context, keeper, job, ends);
      await journalHooks(context, machine, pass, since(last));
      const unusable = useless(keeper, last);
      await journalRemoved(context, machine, pass, keeper, last);
      await job.remove();
      if (unusable !== undefined) {
        await discardJobs();
        throw snapshotUnusable(machine, pass, unusable, last);
      }
      const failed = last.hooks.find(({ moment, code }) => moment === 'after' && code !== 0);
      return {
        consistency: labelOf({
          quiet: isQuiet(context, machine, startedAt),
          readings: readingsOf(keeper, last),
        }),
        problem: failed === undefined ? stuckOf(machine, last) : hookFailed(machine, pass, keeper, failed),
      };
    },
    async drop(thrown, ends) {
      // landfall itself ends: the keeper goes on with the jobs it watches.
      if (ends.aborted) return;
      const error = asLandfallError(thrown);
      const isNear = LINK_RETRY.transient(error) && attempt < LINK_RETRY.attempts;
      if (isNear && keeper.rest !== 'whole') return;
      let unusable: string | undefined;
      let last = told;
      try {
        last = await finish(context, keeper, job, ends);
        await journalHooks(context, machine, pass, since(last));
        unusable = useless(keeper, last);
        await journalRemoved(context, machine, pass, keeper, last);
        await job.remove();
      } catch {
        // What made the pass break off is said; the keeper sees by itself that nothing of it runs any more.
        return;
      }
      // rsync only saw that files could not be read; this is why.
      if (unusable !== undefined) throw snapshotUnusable(machine, pass, unusable, last);
    },
  };
}

/** What a pause does: nothing of it is kept on the source. */
export async function dropHold(context: StepContext, machine: string, pass: number): Promise<void> {
  const keeper = keeperOf(context, machine, pass);
  if (keeper === undefined) return;
  const host = await context.host(machine);
  const job = host.job(keeperJob(machine, pass));
  const { state } = await job.status();
  if (state === 'absent') return;
  const last = await finish(context, keeper, job, new AbortController().signal);
  await journalHooks(context, machine, pass, missing(context, machine, pass, last));
  await journalRemoved(context, machine, pass, keeper, last);
  await job.remove();
}

/** What nothing holds together is what it always was: as many instants as files, unless all that writes was stopped. */
function plainHold(context: StepContext, machine: string): Hold {
  return {
    instantOf: () => undefined,
    async release(startedAt) {
      return { consistency: labelOf({ quiet: isQuiet(context, machine, startedAt), readings: [] }) };
    },
    async drop() {},
  };
}

const isQuiet = ({ state }: View, machine: string, startedAt: number): boolean => {
  const quietAt = get(state.cutover?.machines ?? {}, machine)?.stopped?.quietAt;
  return quietAt !== undefined && startedAt >= quietAt;
};

async function begin(
  context: StepContext,
  keeper: Keeper,
  job: RemoteJob,
  discardJobs: () => Promise<void>,
  signal: AbortSignal,
): Promise<'new' | 'running'> {
  const { state } = await job.status();
  signal.throwIfAborted();
  if (state === 'running' && (await isStartedAs(context, keeper))) return 'running';
  if (state !== 'absent') await end(context, keeper, job, signal);
  // What was read under another keeper, or under none, belongs to other instants.
  await discardJobs();
  await context.perform(keeper.script);
  await context.perform(keeper.job);
  return 'new';
}

/** False where the plan or the facts have changed since: it holds something else. */
async function isStartedAs(context: StepContext, keeper: Keeper): Promise<boolean> {
  try {
    await context.perform(keeper.job);
    return true;
  } catch (error) {
    if (error instanceof LandfallError && error.code === 'job.conflict') return false;
    throw error;
  }
}

async function end(context: StepContext, keeper: Keeper, job: RemoteJob, signal: AbortSignal): Promise<void> {
  await finish(context, keeper, job, signal);
  await job.remove();
}

const OUTPUT_BYTES = 256 * 1024;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/** Asks the keeper until it has said enough, or is gone. */
async function listen(
  context: StepContext,
  keeper: Keeper,
  job: RemoteJob,
  signal: AbortSignal,
  isEnough: (told: Told) => boolean,
): Promise<Told> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 1.5)) {
    const { state } = await job.status();
    const told = readKeeper((await job.output('out', OUTPUT_BYTES)).toString('utf8'));
    // Its last line comes a moment before its end, and a job that runs is not removed.
    if (told.ended ? state !== 'running' : isEnough(told)) return told;
    if (state !== 'running') return released(context, keeper, told);
    signal.throwIfAborted();
    await context.clock.sleep(pauseMs, signal);
  }
}

/** It was killed: what it would have done is done now, and nothing says that its snapshots were sound. */
async function released(context: StepContext, keeper: Keeper, told: Told): Promise<Told> {
  await context.perform(keeper.script);
  const { stdout } = await context.perform(keeper.release, { timeoutMs: RELEASE_TIMEOUT_MS });
  const after = readKeeper(stdout.toString('utf8'));
  return {
    ...told,
    hooks: [...told.hooks, ...after.hooks.map(hook => ({ ...hook, owed: false, atEnd: true }))],
    removed: [...told.removed, ...after.removed],
    stuck: after.stuck,
    ready: told.ready,
    why: told.why ?? 'lost',
    ended: true,
  };
}

const RELEASE_TIMEOUT_MS = 600_000;

async function finish(
  context: StepContext,
  keeper: Keeper,
  job: RemoteJob,
  signal: AbortSignal,
): Promise<Told> {
  if ((await job.status()).state === 'running') await context.perform(keeper.finish);
  return listen(context, keeper, job, signal, () => false);
}

/** Before anything was read: the hook or a snapshot failed. All is taken away already. */
async function refuse(
  context: StepContext,
  keeper: Keeper,
  { machine, pass }: { machine: string; pass: number },
  told: Told,
  job: RemoteJob,
): Promise<never> {
  const last = await listen(context, keeper, job, new AbortController().signal, () => false);
  await journalHooks(context, machine, pass, last.hooks.slice(told.hooks.length));
  await journalRemoved(context, machine, pass, keeper, last);
  await job.remove();
  const before = told.hooks.findLast(({ moment, owed }) => moment === 'before' && !owed);
  if (before !== undefined && before.code !== 0) throw hookFailed(machine, pass, keeper, before);
  throw snapshotUnusable(
    machine,
    pass,
    useless(keeper, last) ?? 'what held the pass together was killed',
    last,
  );
}

export async function clearLeftovers(context: StepContext, machine: string): Promise<void> {
  let said = '';
  for (const action of leftoverActions(context, machine)) {
    if (action.kind === 'write') await context.perform(action);
    else said = (await context.perform(action, { timeoutMs: RELEASE_TIMEOUT_MS })).stdout.toString('utf8');
  }
  const told = readKeeper(said);
  for (const { snapshot } of context.state.machines[machine]?.snapshots ?? []) {
    if (!told.stuck.some(line => line.startsWith(`${snapshot} `)))
      await context.emit({ type: 'snapshot.removed', machine, snapshot });
  }
  const problem = stuckOf(machine, told);
  if (problem !== undefined) throw problem;
}

/** Why what was read does not count; undefined where it does. */
function useless(keeper: Keeper, told: Told): string | undefined {
  const named = (at: number): string => keeper.parts[at]?.mountpoint ?? '';
  const [failed] = told.failed;
  if (failed !== undefined) return `the snapshot of ${named(failed[0])} could not be taken: ${failed[1]}`;
  const [full] = told.full;
  if (full !== undefined) return `the snapshot of ${named(full)} ran full`;
  if (told.taken.size === 0) return undefined;
  if (told.why === 'idle') return 'nothing read from it for so long that its watchdog took it away';
  if (told.why === 'cap') return 'the pass took longer than a snapshot is kept';
  if (told.why === 'stopped') return 'the watchdog of the pass was stopped, and took the snapshots away';
  return undefined;
}

/** How each file system was read. A keeper that was killed proves nothing. */
function readingsOf(keeper: Keeper, told: Told): Reading[] {
  const before = told.hooks.find(({ moment, owed }) => moment === 'before' && !owed);
  const isWhole = told.why === 'done';
  // A hook that only runs afterwards brings nothing to rest.
  const rested = before?.code === 0;
  return keeper.parts.map((part, at): Reading => {
    if (!isWhole) return { from: 'live', atRest: false };
    if (part.from === 'snapshot') return { from: told.taken.has(at) ? 'snapshot' : 'live', atRest: rested };
    const isStill = told.still.has(at);
    return { from: isStill ? 'still' : 'live', atRest: rested && (isStill || keeper.rest === 'whole') };
  });
}
