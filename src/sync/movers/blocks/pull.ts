import { LandfallError } from '../../../foundation/errors.ts';
import { formatBytes } from '../../../foundation/units.ts';
import { get } from '../../../journal/maps.ts';
import type { StepContext } from '../../../step/step.ts';
import { clear, discard } from '../../follow.ts';
import type { PassActions } from './actions.ts';
import { type Backup, ended, placeOf, recordCheckpoint, told } from './backup.ts';
import type { Bringing } from './bring.ts';
import { type Chunk, type ChunksSaid, chunksOf, hearChunks, NO_CHUNKS, wavesOf } from './chunks.ts';
import { follow, found, type JobAction } from './jobs.ts';
import { chunkName, piecesDirectory } from './names.ts';
import { chunkActions, type PullActions } from './pull-actions.ts';
import { hearBackup, NOTHING_SAID } from './said.ts';
import { discardChunkJobs, discardPieces, endBackup } from './settle.ts';
import { attemptOf, type Shipped, ship } from './ship.ts';
import { applyFailure, backupFailure } from './trouble.ts';

/** A full copy in chunks: from the export of one instant to new images that only have to take their place. */

export interface Pulled {
  readonly backup: Backup;
  /** What the journeys of this process came to, by disk. */
  readonly pulled: ReadonlyMap<string, Shipped>;
}

/**
 * Begins the export, or joins the one that was begun, and brings every chunk that is not in yet to its place. The export
 * outlives landfall for some hours: whoever comes back goes on with the chunk that was under way.
 */
export async function pullAll(
  context: StepContext,
  parts: Bringing,
  signal: AbortSignal,
): Promise<Pulled | { readonly broken: string }> {
  const { machine } = parts;
  const { pass } = parts.plan();
  const pull = pullOf(parts.actions());
  const job = (await found(context, pull.guard)) ?? (await begin(context, parts, signal));
  let said = NOTHING_SAID;
  let chunks = NO_CHUNKS;
  const ready = Promise.withResolvers<'ready'>();
  const ours = new AbortController();
  const both = AbortSignal.any([signal, ours.signal]);
  const guarded = follow(context, job, both, line => {
    said = hearBackup(said, line);
    chunks = hearChunks(chunks, line);
    if (chunks.isReady) ready.resolve('ready');
  });
  // Looked at below; until then its failure is nobody's surprise.
  guarded.catch(() => undefined);
  const shipped = new Map<string, Shipped>();
  try {
    const first = await Promise.race([ready.promise, guarded]);
    told(context, machine, said);
    if (said.begun) await recordCheckpoint(context, machine, pass);
    // A guard that has come to a good end was let go when all was in.
    if (first === 'ready') {
      const carrying = carry(context, parts, chunks, shipped, both);
      carrying.catch(() => undefined);
      if ((await Promise.race([carrying, guarded])) !== 'carried') {
        ours.abort();
        await carrying.catch(() => undefined);
      } else await context.perform(pull.release, { signal });
    }
    const { end, said: text } = await guarded;
    const made = await ended(context, machine, job, { said, end, text });
    if (!('broken' in made)) await seal(context, machine, pull, parts.actions(), signal);
    return 'broken' in made ? made : { backup: made, pulled: shipped };
  } catch (error) {
    // An export that cannot be read any more, or takes the last room, is of no use to anybody.
    if (error instanceof LandfallError && OVER.has(error.code)) await giveUp(context, parts, signal);
    throw error;
  } finally {
    ours.abort();
    parts.route.wave = {};
  }
}

const OVER: ReadonlySet<LandfallError['code']> = new Set(['blocks.scratch-full', 'blocks.broken-off']);

async function giveUp(context: StepContext, parts: Bringing, signal: AbortSignal): Promise<void> {
  const { machine } = parts;
  const actions = parts.actions();
  await discard(context, pullOf(actions).guard);
  await discardChunkJobs(context, machine, parts.plan().pass);
  await endBackup(context, machine, actions, signal);
  await discardPieces(context, actions, signal);
}

async function begin(context: StepContext, parts: Bringing, signal: AbortSignal) {
  const { makeScratch, xml } = parts.actions();
  const { prepare, create, guard } = pullOf(parts.actions());
  // The new images are there before the guard is: whoever finds the guard finds them, too.
  for (const action of [makeScratch, prepare, create]) await context.perform(action, { signal });
  for (const action of xml) await context.perform(action);
  return context.perform(guard);
}

function pullOf({ pull }: PassActions): PullActions {
  if (pull === undefined) throw new RangeError('this pass does not go in chunks');
  return pull;
}

/** Brings all chunks that are not in to their places: one is cut while another is sent and a third is written. */
async function carry(
  context: StepContext,
  parts: Bringing,
  said: ChunksSaid,
  shipped: Map<string, Shipped>,
  signal: AbortSignal,
): Promise<'carried'> {
  const { machine, route } = parts;
  const { pass } = parts.plan();
  const capacities = new Map(
    (get(context.state.machines, machine)?.blocks?.disks ?? []).map(each => [each.target, each.capacity]),
  );
  const all = chunksOf(said, capacities);
  const { stdout } = await context.perform(pullOf(parts.actions()).marks, { signal });
  const marks = new Set(stdout.toString('utf8').split('\n'));
  const isIn = ({ disk, index }: Chunk): boolean =>
    marks.has(`${chunkName(machine, pass, disk, index)}.applied`);
  const total = all.reduce((sum, { data }) => sum + data, 0);
  let done = all.filter(isIn).reduce((sum, { data }) => sum + data, 0);
  const waves = wavesOf(all.filter(chunk => !isIn(chunk)));
  for (const wave of waves) {
    route.wave = wave;
    const outcomes = await Promise.allSettled([
      wave.cut === undefined ? undefined : cut(context, parts, wave.cut, signal),
      wave.ship === undefined ? undefined : send(context, parts, wave.ship, shipped, signal),
      wave.place === undefined ? undefined : place(context, parts, wave.place, signal),
    ]);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    done += wave.place?.data ?? 0;
    context.sample({
      text: `pass ${pass}: ${formatBytes(done)} of ${formatBytes(total)}, in chunks of ${formatBytes(said.size ?? 0)}`,
      bytes: done,
      ...(total > 0 ? { fraction: done / total } : {}),
    });
  }
  return 'carried';
}

const actionsOf = (context: StepContext, { machine, plan, pacer }: Bringing, chunk: Chunk) =>
  chunkActions(context, machine, plan().pass, chunk, pacer.pace.rate);

async function cut(context: StepContext, parts: Bringing, chunk: Chunk, signal: AbortSignal): Promise<void> {
  const { machine } = parts;
  const action = actionsOf(context, parts, chunk).cut;
  const { end, said } = await finish(context, action, signal);
  if (end.code === 0) return;
  await clear(context, action);
  throw backupFailure(placeOf(context, machine), piecesDirectory(context, machine), end.code, said);
}

async function send(
  context: StepContext,
  parts: Bringing,
  chunk: Chunk,
  shipped: Map<string, Shipped>,
  signal: AbortSignal,
): Promise<void> {
  const { machine, pacer } = parts;
  const { disk } = chunk;
  const { pass } = parts.plan();
  const piece = chunkName(machine, pass, disk, chunk.index);
  const planned = () => ({ pieces: [{ disk, piece, ship: actionsOf(context, parts, chunk).ship }] });
  const attempt = attemptOf(context, machine, pass);
  const { stats, earlierBytes, ms } = await ship(
    context,
    { machine, pass, disk, planned, pacer, attempt },
    signal,
  );
  const before = shipped.get(disk);
  shipped.set(disk, {
    stats: undefined,
    earlierBytes: (before?.earlierBytes ?? 0) + (stats?.sentBytes ?? 0) + earlierBytes,
    ms: (before?.ms ?? 0) + ms,
  });
}

async function place(
  context: StepContext,
  parts: Bringing,
  chunk: Chunk,
  signal: AbortSignal,
): Promise<void> {
  const { machine } = parts;
  const actions = actionsOf(context, parts, chunk);
  const { end, said } = await finish(context, actions.place, signal);
  const failure = end.code === 0 ? undefined : applyFailure(machine, actions.place.host, end.code, said);
  if (failure !== undefined) {
    await clear(context, actions.place);
    if (failure.code !== 'blocks.damaged-piece') throw failure;
    // Whichever side has damaged it: it is cut and sent anew.
    await context.perform(actions.discardTarget, { signal });
  }
  await context.perform(actions.discardSource, { signal });
  for (const action of [actions.cut, actions.ship, actions.place]) await clear(context, action);
  if (failure !== undefined) throw failure;
}

async function seal(
  context: StepContext,
  machine: string,
  pull: PullActions,
  actions: PassActions,
  signal: AbortSignal,
): Promise<void> {
  const { stdout } = await context.perform(actions.look, { signal });
  const isSealed = actions.pieces.every(({ piece }) => stdout.toString('utf8').includes(`${piece} applied`));
  if (!isSealed) {
    context.sample({ text: 'looking through the new images' });
    const { end, said } = await finish(context, pull.seal, signal);
    if (end.code !== 0) {
      await clear(context, pull.seal);
      throw applyFailure(machine, pull.seal.host, end.code, said);
    }
  }
  await clear(context, pull.seal);
}

/** A job that is found, or begun, to its end. */
async function finish(context: StepContext, action: JobAction, signal: AbortSignal) {
  const job = (await found(context, action)) ?? (await context.perform(action));
  return follow(context, job, signal, () => undefined);
}
