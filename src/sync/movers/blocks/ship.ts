import { describe } from '../../../step/action.ts';
import type { StepContext } from '../../../step/step.ts';
import { stepId } from '../../names.ts';
import type { Pacer } from '../../pacer.ts';
import { failureOf } from '../files/failure.ts';
import { parseProgress } from '../files/progress.ts';
import { parseStats, type Stats } from '../files/stats.ts';
import { createStderrReader } from '../files/stderr.ts';
import type { PassActions, PieceActions } from './actions.ts';
import { follow, found } from './jobs.ts';
import { type PieceState, parsePieces } from './said.ts';

/** Pieces travel from hypervisor to hypervisor, one after the other; what has arrived is not sent twice. */

/** What of a piece's journey the journal keeps. */
export interface Shipped {
  readonly stats: Stats | undefined;
  /** Of parts that were ended for another rate, as far as is known. */
  readonly earlierBytes: number;
  readonly ms: number;
}

const KEPT_LINES = 200;

export async function lookAtPieces(
  context: StepContext,
  actions: PassActions,
  signal: AbortSignal,
): Promise<Map<string, PieceState>> {
  const { stdout } = await context.perform(actions.look, { signal });
  return parsePieces(stdout.toString('utf8'));
}

/** Whether somebody has written to the replica since a pass was merged into it, as far as its files tell. */
export async function isTouched(
  context: StepContext,
  actions: PassActions,
  signal: AbortSignal,
): Promise<boolean> {
  const { stdout } = await context.perform(actions.touched, { signal });
  return stdout.toString('utf8').trim() !== '';
}

/** How often this pass has been tried, from 1. */
export const attemptOf = ({ state }: StepContext, machine: string, pass: number): number =>
  state.steps[stepId(machine, `pass-${pass}`)]?.attempts ?? 1;

export interface ShipRequest {
  readonly machine: string;
  readonly pass: number;
  readonly disk: string;
  /** The actions as they are now: the rate changes. */
  readonly planned: () => Pick<PassActions, 'pieces'>;
  readonly pacer: Pacer;
  readonly attempt: number;
}

/** Sends one piece, with its sum; rejects as a run of the files mover does. */
export async function ship(
  context: StepContext,
  request: ShipRequest,
  signal: AbortSignal,
): Promise<Shipped> {
  const { machine, pass, disk, pacer } = request;
  let earlierBytes = 0;
  let earlierMs = 0;
  for (;;) {
    const { ship: action, piece } = pieceOf(request.planned(), disk);
    const job = (await found(context, action)) ?? (await context.perform(action));
    const lines: string[] = [];
    const err = createStderrReader();
    let bytes = 0;
    pacer.started(disk, job);
    const { end, said } = await follow(context, job, signal, line => {
      const progress = parseProgress(line);
      if (progress === undefined) {
        if (lines.length < KEPT_LINES) lines.push(line);
        return;
      }
      bytes = progress.bytes;
      context.sample({ text: `pass ${pass}, ${disk}`, bytes, bytesPerSecond: progress.rate });
    }).finally(() => pacer.ended(disk));
    err.push(Buffer.from(said));
    const ms = Math.max(0, end.endedAtMs - end.startedAtMs);
    if (end.code === 0) return { stats: parseStats(lines), earlierBytes, ms: earlierMs + ms };
    await job.remove();
    if (pacer.hasStopped(job)) {
      earlierBytes += bytes;
      earlierMs += ms;
      continue;
    }
    throw failureOf({
      code: end.code,
      complaints: err.end(),
      attempt: request.attempt,
      machine,
      host: action.host,
      mountpoint: piece,
      command: describe(action),
    });
  }
}

function pieceOf({ pieces }: Pick<PassActions, 'pieces'>, disk: string): PieceActions {
  const piece = pieces.find(each => each.disk === disk);
  if (piece === undefined) throw new RangeError(`no piece of ${disk} in this pass`);
  return piece;
}
