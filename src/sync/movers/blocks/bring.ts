import { LandfallError } from '../../../foundation/errors.ts';
import { harmless } from '../../../foundation/text.ts';
import { formatBytes } from '../../../foundation/units.ts';
import { get } from '../../../journal/maps.ts';
import type { StepContext } from '../../../step/step.ts';
import { predictionOf } from '../../forecast.ts';
import type { Pacer } from '../../pacer.ts';
import type { PassPlan } from '../../plan-passes.ts';
import { disksOf, type PassActions, type Route } from './actions.ts';
import { type Backup, backUp, placeOf } from './backup.ts';
import { wayOf } from './chunks.ts';
import { blockEligibility } from './eligible.ts';
import type { DiskFigures } from './figures.ts';
import { finishMerge } from './finish.ts';
import { follow, found, wasToldOf } from './jobs.ts';
import { backupXmlPath, checkpointName, piecesDirectory } from './names.ts';
import { lookAtBlocks } from './observe.ts';
import { baseOf } from './plan.ts';
import { pullAll } from './pull.ts';
import { pullXmlPath } from './pull-actions.ts';
import { askBase, drop, startAfresh } from './settle.ts';
import { attemptOf, isTouched, lookAtPieces, type Shipped, ship } from './ship.ts';
import { applyFailure, foreign, impossible, newDisk, scratchFull } from './trouble.ts';

/** The way of one pass from the look at the source to the replica that has it, from wherever it was left. */

export interface Bringing {
  readonly machine: string;
  /** As it is now: a delta may have become a full copy. */
  readonly plan: () => PassPlan;
  readonly actions: () => PassActions;
  readonly pacer: Pacer;
  readonly route: Route;
}

export interface Brought {
  readonly kind: 'full' | 'delta';
  readonly backup: Backup | undefined;
  readonly disks: readonly DiskFigures[];
}

/** Attempts at what libvirt or a line has broken off, before an engineer is asked. */
const ATTEMPTS = 6;

export async function bring(context: StepContext, parts: Bringing, signal: AbortSignal): Promise<Brought> {
  const { machine } = parts;
  const { pass } = parts.plan();
  const overall = new AbortController();
  parts.pacer.settle(context, context.clock.now());
  const watching = parts.pacer.watch(context, AbortSignal.any([signal, overall.signal]));
  try {
    const isIn =
      get(context.state.machines, machine)?.advanced?.pass === pass ||
      (await isFinished(context, parts, pass, signal));
    const { backup, pulled } = await pieces(context, parts, isIn, signal);
    const kind = parts.plan().kind;
    const shipped = pulled ?? (isIn ? new Map<string, Shipped>() : await travel(context, parts, signal));
    const applied = await apply(context, parts, isIn, signal);
    if (!isIn) {
      for (const refresh of kind === 'full' ? parts.actions().refresh : [])
        await context.perform(refresh, { codes: [0, 1], signal });
      const checkpoint = checkpointName(context.plan.name, pass);
      await context.emit({ type: 'replica.advanced', machine, pass, checkpoint, replaced: kind === 'full' });
    }
    await keepLog(context, parts, backup, applied.said);
    return { kind, backup, disks: figures(context, parts, backup, shipped, applied.ms) };
  } catch (error) {
    throw spent(context, machine, pass, error);
  } finally {
    overall.abort();
    await watching;
  }
}

/**
 * What has begun to go into the replica is brought to its end, also where the source has forgotten this pass or it would be
 * another one now: its pieces are all that can make the replica the copy of one instant again.
 */
async function isFinished(
  context: StepContext,
  parts: Bringing,
  pass: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (await isOurs(context, parts, signal)) return false;
  try {
    return (await finishMerge(context, parts.machine, signal)) === pass;
  } catch (error) {
    // What did not come whole is made anew.
    if (error instanceof LandfallError && error.code === 'blocks.damaged-piece') return false;
    throw error;
  }
}

interface Pieces {
  /** Undefined where they are in the replica already. */
  readonly backup: Backup | undefined;
  /** What the journeys of chunks came to, where the copy went in chunks: it is at the target then. */
  readonly pulled?: ReadonlyMap<string, Shipped>;
}

/** Whole pieces at the source, or chunks at the target: those of an attempt before, or new ones. */
async function pieces(
  context: StepContext,
  parts: Bringing,
  isIn: boolean,
  signal: AbortSignal,
): Promise<Pieces> {
  const { machine } = parts;
  const { pass } = parts.plan();
  if (isIn) {
    const job = await found(context, parts.actions().backup);
    if (job === undefined) return { backup: undefined };
    const known = await backUp(context, machine, pass, parts.actions(), signal);
    return { backup: 'broken' in known ? undefined : known };
  }
  if (!(await isOurs(context, parts, signal))) await prepare(context, parts, signal);
  const make = async (): Promise<Pieces | { readonly broken: string }> => {
    if (parts.route.mode === 'pull') return pullAll(context, parts, signal);
    const whole = await backUp(context, machine, pass, parts.actions(), signal);
    return 'broken' in whole ? whole : { backup: whole };
  };
  const made = await make();
  if (!('broken' in made)) return made;
  // libvirt looked closer than the question before it: once more, as a full copy.
  await asFull(context, parts, `libvirt cannot use the checkpoint: ${lastLine(made.broken)}`, signal);
  const again = await make();
  if (!('broken' in again)) return again;
  throw impossible(placeOf(context, machine), [lastLine(again.broken)]);
}

const lastLine = (text: string): string => harmless(text.trim().split('\n').at(-1) ?? '');

/** Whether the backup that is found is the one of this pass, as it is now, in this evacuation. */
async function isOurs(context: StepContext, parts: Bringing, signal: AbortSignal): Promise<boolean> {
  const { machine } = parts;
  const { pass, kind } = parts.plan();
  const begun = get(context.state.machines, machine)?.passes.find(known => known.pass === pass);
  if (begun?.mover !== 'blocks') return false;
  const { backup } = parts.actions();
  if ((await found(context, backup)) === undefined) return false;
  // A delta continues what a pass has left, and nothing else.
  const isNew = [...(await lookAtPieces(context, parts.actions(), signal)).values()].every(
    state => state !== 'checked' && state !== 'applied',
  );
  if (kind === 'delta' && isNew && (await isTouched(context, parts.actions(), signal))) return false;
  const isPull =
    kind === 'full' && (await wasToldOf(context, backup, pullXmlPath(context.plan.name, machine, pass)));
  parts.route.mode = isPull ? 'pull' : 'push';
  return isPull || wasToldOf(context, backup, backupXmlPath(context.plan.name, machine, pass, kind));
}

/** Nothing usable is there: what is left goes, the source is looked at, and the pass is announced as what it will be. */
async function prepare(context: StepContext, parts: Bringing, signal: AbortSignal): Promise<void> {
  const { machine } = parts;
  await startAfresh(context, machine, parts.plan().pass, parts.actions(), signal);
  await context.emit(await lookAtBlocks(context, machine, signal));
  const place = placeOf(context, machine);
  const blocks = get(context.state.machines, machine)?.blocks;
  const { possible, refusals } = blockEligibility(context, machine);
  if (!possible) throw impossible(place, refusals);
  if (blocks?.job !== undefined) throw foreign(place, blocks.job);
  const disks = disksOf(context, machine) ?? [];
  const unseen = (blocks?.disks ?? []).map(({ target }) => target).filter(disk => !disks.includes(disk));
  if (unseen.length > 0) throw newDisk(place, unseen);

  const base = baseOf(context, machine);
  const plan = parts.plan();
  if (plan.kind === 'full' || base.checkpoint === undefined) {
    await asFull(context, parts, plan.kind === 'full' ? plan.reason : undefined, signal);
    return;
  }
  const covered = get(context.state.machines, machine)?.checkpoints?.find(
    each => each.checkpoint === base.checkpoint,
  );
  const resized = (blocks?.disks ?? []).find(
    ({ target, capacity }) => covered?.disks.find(({ disk }) => disk === target)?.capacity !== capacity,
  );
  if (resized !== undefined) {
    await asFull(context, parts, `the disk ${resized.target} is new or has another size`, signal);
    return;
  }
  const asked = await askBase(context, machine, base.checkpoint, disks, signal);
  if (!asked.sound) {
    await asFull(context, parts, asked.why, signal);
    return;
  }
  if (await isTouched(context, parts.actions(), signal)) {
    await asFull(context, parts, 'somebody has written to the replica since the last pass', signal);
    return;
  }
  const bytes = [...asked.bytes.values()].reduce((sum, each) => sum + each, 0);
  await context.emit({ type: 'dirty.read', machine, checkpoint: base.checkpoint, bytes });
  refuseWithoutRoom(context, machine, bytes);
  parts.route.mode = 'push';
  await announce(context, { machine, actions: parts.actions() }, plan, bytes, signal);
}

/** Joins the reason of a full copy with that of its way. */
const CHUNKED = '; in chunks';

/** A full copy: older checkpoints are of no use to it, and a broken one would stand in its way. */
async function asFull(
  context: StepContext,
  parts: Bringing,
  reason: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { machine } = parts;
  const plan = parts.plan();
  const base = baseOf(context, machine);
  const why = reason ?? (base.checkpoint === undefined ? base.reason : plan.reason);
  const way = wayOf(context, machine);
  if (way.mode === 'none') {
    const place = placeOf(context, machine);
    throw scratchFull(place, piecesDirectory(context, machine), way.need, way.free);
  }
  parts.route.mode = way.mode;
  const chunks =
    way.mode === 'pull'
      ? `${CHUNKED}: whole pieces need ${formatBytes(way.need)} there, and ${formatBytes(way.free)} are free`
      : '';
  const whole = why.split(CHUNKED)[0] ?? why;
  await announce(
    context,
    { machine, actions: parts.actions() },
    { ...plan, kind: 'full', reason: `${whole}${chunks}` },
    undefined,
    signal,
  );
  await drop(context, machine, parts.actions().dropOlder, signal);
}

function refuseWithoutRoom(context: StepContext, machine: string, bytes: number): void {
  const scratch = get(context.state.machines, machine)?.blocks?.scratch;
  if (scratch === undefined) return;
  const need = bytes + context.plan.care.space;
  if (scratch.free >= need) return;
  throw scratchFull(placeOf(context, machine), scratch.path, need, scratch.free);
}

async function announce(
  context: StepContext,
  { machine, actions }: { readonly machine: string; readonly actions: PassActions },
  plan: PassPlan,
  dirty: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  await context.emit({
    type: 'pass.started',
    machine,
    pass: plan.pass,
    kind: plan.kind,
    mover: 'blocks',
    reason: plan.reason,
    checksum: false,
    ...predictionOf(context, machine, plan, context.clock.now()),
    // Known, not forecast: libvirt has counted them.
    ...(dirty === undefined ? {} : { predictedBytes: dirty }),
  });
  const { flush } = actions;
  if (flush !== undefined) await context.perform(flush, { signal });
}

async function travel(
  context: StepContext,
  parts: Bringing,
  signal: AbortSignal,
): Promise<Map<string, Shipped>> {
  const { machine, pacer } = parts;
  const { pass } = parts.plan();
  const out = new Map<string, Shipped>();
  const there = await lookAtPieces(context, parts.actions(), signal);
  for (const { disk, piece } of parts.actions().pieces) {
    const state = there.get(piece);
    if (state === 'checked' || state === 'applied') continue;
    const attempt = attemptOf(context, machine, pass);
    const request = { machine, pass, disk, planned: parts.actions, pacer, attempt };
    out.set(disk, await ship(context, request, signal));
  }
  return out;
}

async function apply(
  context: StepContext,
  parts: Bringing,
  isIn: boolean,
  signal: AbortSignal,
): Promise<{ ms: number; said: string }> {
  const { machine } = parts;
  const { pass } = parts.plan();
  const actions = parts.actions();
  const job = await found(context, actions.apply);
  if (job === undefined && isIn) return { ms: 0, said: '' };
  const { end, said } = await follow(context, job ?? (await context.perform(actions.apply)), signal, line => {
    const what = /^landfall (checking|applying) (\S+)/.exec(line);
    if (what !== null) context.sample({ text: `pass ${pass}: ${what[1]} ${what[2]}` });
  });
  if (end.code === 0) return { ms: Math.max(0, end.endedAtMs - end.startedAtMs), said };
  await context.keepLog(`${actions.apply.job}.log`, Buffer.from(`code ${end.code}\n${said}`));
  const failure = applyFailure(machine, actions.apply.host, end.code, said);
  await discardJobs(context, actions, failure.code === 'blocks.damaged-piece', signal);
  throw failure;
}

/** What did not come whole travels again; everything else of it stays for the next attempt. */
async function discardJobs(
  context: StepContext,
  actions: PassActions,
  isDamaged: boolean,
  signal: AbortSignal,
): Promise<void> {
  await found(context, actions.apply);
  if (!isDamaged) return;
  await context.perform(actions.discardTarget, { signal });
  for (const { ship: action } of actions.pieces) {
    const job = await found(context, action);
    if (job !== undefined && (await job.status()).state === 'ended') await job.remove();
  }
}

function figures(
  context: StepContext,
  parts: Bringing,
  backup: Backup | undefined,
  shipped: ReadonlyMap<string, Shipped>,
  appliedMs: number,
): DiskFigures[] {
  const { machine } = parts;
  const { pass, kind } = parts.plan();
  const known = get(context.state.machines, machine);
  const { pieces: all } = parts.actions();
  const startedAt = known?.passes.find(each => each.pass === pass)?.startedAt ?? context.clock.now();
  const share = ((backup?.ms ?? 0) + appliedMs) / Math.max(1, all.length);
  const total = backup?.said.copied;
  return all.map(({ disk, piece, ship: action }) => {
    const way = shipped.get(disk);
    // libvirt counts all disks together; one alone is known exactly, several by what their pieces take.
    const dirty = kind === 'delta' && all.length === 1 ? total : undefined;
    return {
      disk,
      job: action.job,
      piece,
      kind,
      dirty,
      allocation: known?.blocks?.disks.find(({ target }) => target === disk)?.allocation ?? 0,
      startedAt,
      ms: share + (way?.ms ?? 0),
      backup,
      shipped: way,
    };
  });
}

async function keepLog(
  context: StepContext,
  parts: Bringing,
  backup: Backup | undefined,
  applied: string,
): Promise<void> {
  const { backup: job } = parts.actions();
  const text = [
    `# ${job.job} on ${job.host}`,
    ...(backup?.text ?? '').split('\n').map(harmless),
    '# merged',
    ...applied.split('\n').map(harmless),
    '',
  ];
  await context.keepLog(`${job.job}.log`, new TextEncoder().encode(text.join('\n')));
}

/** What libvirt breaks off again and again is for an engineer to see; a link that comes and goes is not. */
function spent(context: StepContext, machine: string, pass: number, error: unknown): unknown {
  if (!(error instanceof LandfallError) || attemptOf(context, machine, pass) < ATTEMPTS) return error;
  if (error.code !== 'blocks.broken-off' && error.code !== 'blocks.damaged-piece') return error;
  return new LandfallError('blocks.refused', {
    ...error.facts,
    what: `${error.facts.what}, ${ATTEMPTS} times`,
  });
}
