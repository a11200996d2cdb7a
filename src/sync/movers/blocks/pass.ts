import type { LandfallError } from '../../../foundation/errors.ts';
import type { Consistency } from '../../../journal/events.ts';
import { get } from '../../../journal/maps.ts';
import type { Action } from '../../../step/action.ts';
import type { Step, StepContext, View } from '../../../step/step.ts';
import { judge } from '../../converge.ts';
import { clear, discard } from '../../follow.ts';
import { fallBack } from '../../mover/fallback.ts';
import { stepId } from '../../names.ts';

import { Pacer } from '../../pacer.ts';
import { resourcesOf } from '../../passes.ts';
import { type PassPlan, settingsOf } from '../../plan-passes.ts';
import { LINK_RETRY } from '../../retry.ts';
import { isFlushed, listed, type PassActions, passActions, type Route } from './actions.ts';
import { type Brought, bring } from './bring.ts';
import { diskRun } from './figures.ts';
import { finishMergeActions, openPass } from './finish.ts';
import { found, wasToldOf } from './jobs.ts';
import { blocksPathId } from './path.ts';
import { nextBlocksPass } from './plan.ts';
import { pullXmlPath } from './pull-actions.ts';
import { discardChunkJobs, discardPieces, drop, endBackup, startAfresh } from './settle.ts';

/**
 * `sync/<m>/pass-<n>` of a machine that moves by blocks: a backup of one instant at the source's hypervisor, its pieces to
 * the target's, and there into the replica. Nothing is asked of the guest but to stand still for the instant.
 *
 * Wherever it is broken off, the next attempt finds out what is done: the backup, each journey and the merging are jobs on
 * the hypervisors, and the pieces bear marks. A checkpoint whose pieces never became whole is taken back.
 */
export function blocksPassStep(view: View, machine: string, plan: PassPlan, needs?: readonly string[]): Step {
  const pacer = new Pacer(machine, view);
  const route: Route = { mode: undefined, wave: {} };
  const actionsOf = (now: View): PassActions =>
    passActions(now, machine, planNow(now, machine, plan), pacer.pace.rate, route);
  return {
    id: stepId(machine, `pass-${plan.pass}`),
    phase: 'sync',
    subject: machine,
    title: `pass ${plan.pass} of ${machine} by blocks, ${plan.kind}: ${plan.reason}`,
    needs: needs ?? [blocksPathId(machine)],
    resources: resourcesOf(view, machine),
    retry: { ...LINK_RETRY, transient: isTransient },
    preview: now => [...otherMerge(now, machine, planNow(now, machine, plan)), ...listed(actionsOf(now))],
    async done(context) {
      const pass = stateOf(context, machine, plan.pass);
      return pass?.ended !== undefined && pass.judged !== undefined;
    },
    async run(context, signal) {
      const actions = (): PassActions => actionsOf(context);
      if (stateOf(context, machine, plan.pass)?.ended === undefined) {
        const now = (): PassPlan => planNow(context, machine, plan);
        const brought = await broughtOr(
          bring(context, { machine, plan: now, actions, pacer, route }, signal),
          thrown => {
            const { pass, kind, reason } = now();
            const leave = () => startAfresh(context, machine, pass, actions(), signal);
            return fallBack(context, machine, { pass, kind, reason }, thrown, leave, signal);
          },
        );
        // Another mover has it now: there is nothing to end, and nothing of the last checkpoint is taken away.
        if (brought === undefined) return;
        await end(context, machine, plan.pass, brought);
      }
      await tidy(context, machine, actions(), signal);
      await judged(context, machine, plan.pass);
    },
    // What is on its way stops and stays: pieces that are whole go on from there.
    async halt(context) {
      if (stateOf(context, machine, plan.pass)?.ended !== undefined) return;
      const { backup, pieces, apply, abort, ...rest } = actionsOf(context);
      for (const { ship } of pieces) await discard(context, ship);
      await discard(context, apply);
      await discardChunkJobs(context, machine, plan.pass);
      const job = await found(context, backup);
      if ((await job?.status())?.state === 'ended') return;
      // An export that is half copied stays: it ends by itself where room or time run out. A source in need comes first.
      const isSpared = get(context.state.machines, machine)?.cared?.act === 'stop';
      const pull = pullXmlPath(context.plan.name, machine, plan.pass);
      if (job !== undefined && !isSpared && (await wasToldOf(context, backup, pull))) return;
      await discard(context, backup);
      const signal = AbortSignal.timeout(60_000);
      await endBackup(context, machine, { abort }, signal);
      await drop(context, machine, rest.dropOwn, signal);
    },
  };
}

/** What a pass has brought; undefined where `otherwise` has dealt with its failure. */
async function broughtOr(
  brought: Promise<Brought>,
  otherwise: (thrown: unknown) => Promise<void>,
): Promise<Brought | undefined> {
  try {
    return await brought;
  } catch (thrown) {
    await otherwise(thrown);
    return undefined;
  }
}

/** Where the open pass goes on as another kind, what had begun to be merged of it is finished as what it was. */
const otherMerge = (now: View, machine: string, { kind }: PassPlan): Action[] =>
  openPass(now, machine)?.kind === kind ? [] : finishMergeActions(now, machine);

const OWN_TRANSIENT: ReadonlySet<LandfallError['code']> = new Set([
  'blocks.foreign-job',
  'blocks.broken-off',
  'blocks.damaged-piece',
]);

const isTransient = (error: LandfallError): boolean =>
  LINK_RETRY.transient(error) || OWN_TRANSIENT.has(error.code);

const stateOf = ({ state }: View, machine: string, pass: number) =>
  get(state.machines, machine)?.passes.find(known => known.pass === pass);

/** The pass as it stands now: a delta whose base turns out to be gone goes on as a full copy, under its number. */
export function planNow(now: View, machine: string, plan: PassPlan): PassPlan {
  const next = nextBlocksPass(now, machine);
  if (next?.pass === plan.pass) return next;
  const known = stateOf(now, machine, plan.pass);
  if (known === undefined) return plan;
  return { pass: plan.pass, kind: known.kind, reason: known.reason, checksum: false };
}

async function end(context: StepContext, machine: string, pass: number, brought: Brought): Promise<void> {
  const now = context.clock.now();
  const startedAt = stateOf(context, machine, pass)?.startedAt ?? now;
  const frozen = brought.backup?.said.frozen === true;
  const frozenMs = frozen ? brought.backup?.said.frozenMs : undefined;
  await context.emit({
    type: 'pass.ended',
    machine,
    pass,
    kind: brought.kind,
    mover: 'blocks',
    consistency: consistencyOf(context, machine, startedAt, frozen),
    startedAt,
    ms: Math.max(0, now - startedAt),
    runs: brought.disks.map(diskRun),
    hot: [],
    ...(frozenMs === undefined ? {} : { frozenMs }),
  });
}

function consistencyOf(
  context: StepContext,
  machine: string,
  startedAt: number,
  frozen: boolean,
): Consistency {
  const quietAt = get(context.state.cutover?.machines ?? {}, machine)?.stopped?.quietAt;
  // Without a flush or a freeze the last writes of a quiet source may still be in its memory.
  const isDown = frozen || isFlushed(context, machine);
  if (quietAt !== undefined && startedAt >= quietAt && isDown) return 'application';
  return frozen ? 'filesystem' : 'crash';
}

/** Only now, with every piece in the replica, the older checkpoints and the pieces go. */
async function tidy(
  context: StepContext,
  machine: string,
  actions: PassActions,
  signal: AbortSignal,
): Promise<void> {
  await drop(context, machine, actions.dropOlder, signal);
  await discardPieces(context, actions, signal);
  const jobs = [actions.backup, ...actions.pieces.map(({ ship }) => ship), actions.apply];
  await Promise.all(jobs.map(job => clear(context, job)));
}

async function judged(context: StepContext, machine: string, pass: number): Promise<void> {
  if (stateOf(context, machine, pass)?.judged !== undefined) return;
  const { verdict, why, help } = judge(
    get(context.state.machines, machine)?.passes ?? [],
    settingsOf(context),
  );
  await context.emit({ type: 'pass.judged', machine, pass, verdict, why, help: [...help] });
}
