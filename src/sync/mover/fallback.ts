import { LandfallError } from '../../foundation/errors.ts';
import { listed } from '../../foundation/listing.ts';
import { formatDuration } from '../../foundation/units.ts';
import { get } from '../../journal/maps.ts';
import type { StepContext, View } from '../../step/step.ts';
import { isUnsettled } from '../movers/blocks/eligible.ts';
import { targetHypervisor } from '../movers/blocks/names.ts';
import { type Choice, firstCopy } from './choose.ts';
import { type Situation, situationOf } from './situation.ts';

/**
 * Blocks that turn out to be impossible amid an evacuation. A machine for which landfall itself has chosen them goes on by
 * its files, with the reason on record; one for which the plan or an engineer has, stops with a verdict: who has asked for
 * instants may not want a copy of many.
 */

/** How long a machine may take to say that it is there, ms. */
const ANSWER_MS = 30_000;

/** What no second attempt mends. A broken bitmap is not among it: then blocks go on with a full copy, and say why. */
const LASTING: ReadonlySet<LandfallError['code']> = new Set(['blocks.impossible', 'blocks.refused']);

/**
 * What a failure of blocks comes to, at `now` (epoch ms). `stays`: who has chosen blocks has to choose anew, or it would be
 * no good; the words say why, where that is not known already.
 */
export type Outcome =
  | { readonly kind: 'files'; readonly choice: Choice }
  | { readonly kind: 'stays'; readonly why?: string };

/** Pure; whether the machine lets anybody in is not asked here. */
export function afterBlocks(view: View, machine: string, error: LandfallError, now: number): Outcome {
  if (!LASTING.has(error.code) || !isOwnChoice(view, machine)) return { kind: 'stays' };
  if (error.code === 'blocks.impossible' && (error.facts.evidence ?? []).some(isUnsettled))
    return { kind: 'stays', why: 'what stands in the way may be over at the next look' };
  const target = targetHypervisor(view, machine);
  if (error.facts.where?.host === target)
    return { kind: 'stays', why: `what failed is at ${target}, where its files would have to go, too` };
  const situation = situationOf(view, machine, now);
  const against = speaksAgainst(view, situation);
  if (against !== undefined) return { kind: 'stays', why: against };
  const { evidence = [], what } = error.facts;
  return {
    kind: 'files',
    choice: {
      mover: 'files',
      decided: 'fallback',
      reasons: [
        `landfall had chosen blocks, which cannot go on: ${evidence.length === 0 ? what : evidence.join('; ')}`,
        ...(situation.costs.files.firstMs === undefined
          ? []
          : [`by files: at most ${firstCopy(situation.costs.files)}`]),
      ],
      against: [
        'until the first pass by files has ended, the copy that is there is of no single instant',
        `once its hypervisor can again: landfall mover PLAN ${machine} blocks`,
      ],
    },
  };
}

function isOwnChoice({ state }: View, machine: string): boolean {
  const known = get(state.machines, machine);
  const { mover, decided } = known?.mover ?? {};
  return known?.moverOrdered === undefined && mover === 'blocks' && decided === 'auto';
}

function speaksAgainst(view: View, situation: Situation): string | undefined {
  const { state } = view;
  const { machine, impossible } = situation;
  const known = get(state.machines, machine);
  if (impossible.files.length > 0) return impossible.files.join('; ');
  const seen = new Set(known?.observed?.domain.disks.map(({ target }) => target));
  const unseen = (known?.blocks?.disks ?? []).map(({ target }) => target).filter(disk => !seen.has(disk));
  if (unseen.length > 0) return `no inventory has seen ${listed(unseen, 4)}: files would leave it out, too`;
  if (state.cutover !== undefined && state.cutover.ended?.outcome !== 'rolled-back')
    return 'a cutover has begun, which relies on its last passes';
  const loss = known?.advanced === undefined ? undefined : lossOf(view, situation);
  return loss === undefined ? undefined : `${loss}, and the copy that is there is whole`;
}

/** A whole copy is opened only where this many times the forecast is left: it is a forecast, and a comparison comes after it. */
const SAFETY = 1.5;

/** Files are written into the copy that is there: why it would be worth less afterwards than it is now. */
function lossOf({ plan }: View, { machine, databases, costs, leftMs }: Situation): string | undefined {
  const isBroughtToRest = (get(plan.machines, machine)?.hooks?.before ?? []).length > 0;
  if (databases.length > 0 && !isBroughtToRest)
    return `${listed(databases, 4)} ${databases.length === 1 ? 'runs' : 'run'} there, whose files may be worthless when they are copied while it writes`;
  const needs = costs.files.firstMs;
  if (leftMs === undefined || (needs !== undefined && needs * SAFETY <= leftMs)) return undefined;
  return needs === undefined
    ? 'nobody knows whether its files would be there before the earliest loss'
    : `its files need ${formatDuration(needs)}, with ${formatDuration(Math.max(0, leftMs))} left until the earliest loss`;
}

/**
 * Gives the machine to its files where that is right, and rejects with what stopped the blocks where it is not. The pass
 * that has begun stays as it is; one that never began is begun for the record, so that what comes has a number of its own.
 * `leave` takes away what the pass has on both hypervisors: nobody of the blocks mover comes back for it.
 */
export async function fallBack(
  context: StepContext,
  machine: string,
  pass: { readonly pass: number; readonly kind: 'full' | 'delta'; readonly reason: string },
  thrown: unknown,
  leave: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  if (!(thrown instanceof LandfallError)) throw thrown;
  const outcome = afterBlocks(context, machine, thrown, context.clock.now());
  if (outcome.kind === 'stays') throw withReason(thrown, outcome.why);
  const silent = await silence(context, machine, signal);
  if (silent !== undefined) throw withReason(thrown, silent);
  await leave();
  const known = get(context.state.machines, machine)?.passes ?? [];
  if (!known.some(each => each.pass === pass.pass))
    await context.emit({ type: 'pass.started', machine, mover: 'blocks', checksum: false, ...pass });
  const { choice } = outcome;
  await context.emit({
    type: 'mover.chosen',
    machine,
    mover: choice.mover,
    decided: choice.decided,
    reasons: [...choice.reasons],
    against: [...choice.against],
  });
}

/**
 * Why its files could not be read now; undefined where it lets us in. A machine that is off has neither of both, and a
 * connection from before says nothing of that: it is asked for an answer.
 */
async function silence(
  context: StepContext,
  machine: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    await (await context.host(machine)).exec(['true'], { signal, timeoutMs: ANSWER_MS });
    return undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof LandfallError) return error.facts.what;
    throw error;
  }
}

function withReason(error: LandfallError, why: string | undefined): LandfallError {
  if (why === undefined) return error;
  const evidence = [...(error.facts.evidence ?? []), `landfall does not turn to its files by itself: ${why}`];
  return new LandfallError(error.code, { ...error.facts, evidence });
}
