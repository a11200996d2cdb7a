import { LandfallError } from '../foundation/errors.ts';
import { hasLogin } from '../plan/login.ts';
import type { Action } from '../step/action.ts';
import type { Step, StepContext, View } from '../step/step.ts';
import { clearLeftovers, leftoverActions, snapshotLeftovers } from './consistency/index.ts';
import { endComparison } from './movers/blocks/compare/actions.ts';
import { cleanBlocks, cleanBlocksActions, hasUsedBlocks } from './movers/blocks/leftovers.ts';
import { cleanStepId, keyComment, REPLICA_ROOT, receiverOf, runtimeDirectory } from './names.ts';
import { RECEIVER_KEYS } from './path/keys.ts';
import { WAITING_RETRY } from './retry.ts';
import { runningJob } from './running.ts';

type ExecAction = Action & { readonly kind: 'exec' };

/**
 * `cutover/<m>/clean`: takes away what the passes have put on hosts, when no more are to come: on the source everything
 * (the key, the exclude lists, the jobs), on the receiver the key's line and what broken transfers have left in the
 * replica. The source comes first: it is production, and the receiver may be gone already.
 *
 * A later run opens the path anew, with another key.
 */
export function cleanStep(machine: string): Step {
  return {
    id: cleanStepId(machine),
    phase: 'cutover',
    subject: machine,
    title: `remove what landfall has put on ${machine}, and the key of its data path`,
    needs: [],
    resources: [{ key: `replica:${machine}`, units: 1 }],
    retry: WAITING_RETRY,
    preview: view => [
      ...(hasUsedBlocks(view, machine) ? endComparison(view.plan, machine) : []),
      ...cleanBlocksActions(view, machine),
      ...leftoverActions(view, machine),
      ...actions(view, machine),
    ],
    async done(context, signal) {
      if (context.state.machines[machine]?.path !== undefined) return false;
      if (snapshotLeftovers(context, machine).length > 0) return false;
      if ((context.state.machines[machine]?.checkpoints ?? []).length > 0) return false;
      // Nothing of ours can be where nobody logs in.
      if (!hasLogin(context.plan, machine)) return true;
      const source = await context.host(machine);
      const directory = runtimeDirectory(context.plan.name);
      const { code } = await source.exec(['test', '-e', directory], { codes: [0, 1], signal });
      if (code === 0) return false;
      if (context.state.machines[machine]?.receiver?.hostKey === undefined) return true;
      const receiver = await context.host(receiverOf(machine));
      const comment = keyComment(context.plan.name, machine);
      const revoked = await receiver.exec(['sh', '-c', RECEIVER_KEYS.revoked, 'sh', comment], {
        codes: [0, 1],
        signal,
      });
      return revoked.code === 0;
    },
    async run(context, signal) {
      if (hasLogin(context.plan, machine)) await refuseRunning(context, machine);
      if (hasUsedBlocks(context, machine))
        for (const action of endComparison(context.plan, machine)) await context.perform(action, { signal });
      await cleanBlocks(context, machine, signal);
      // A snapshot may be mounted below the directory that goes.
      if (hasLogin(context.plan, machine)) await clearLeftovers(context, machine);
      for (const action of actions(context, machine)) await context.perform(action, { signal });
      await context.emit({ type: 'path.removed', machine });
    },
  };
}

function actions({ plan, state }: View, machine: string): ExecAction[] {
  const known = state.machines[machine];
  const source: ExecAction = {
    kind: 'exec',
    host: machine,
    argv: ['rm', '-rf', '--', runtimeDirectory(plan.name)],
    note: 'all that landfall has put on this machine, the private key included',
  };
  // Nothing of ours can be on a machine that was never looked at: its identity could not be checked, either.
  if (known?.observed === undefined || !hasLogin(plan, machine)) return [];
  if (known.receiver?.hostKey === undefined) return [source];
  const host = receiverOf(machine);
  return [
    source,
    {
      kind: 'exec',
      host,
      argv: ['sh', '-c', RECEIVER_KEYS.revoke, 'sh', keyComment(plan.name, machine)],
      note: "the key's line in authorized_keys",
    },
    ...(known.receiver.prepared?.mounts ?? []).map(({ mountpoint }): ExecAction => {
      const place = mountpoint === '/' ? REPLICA_ROOT : `${REPLICA_ROOT}${mountpoint}`;
      const leftovers = ['-xdev', '-type', 'd', '-name', '.rsync-partial', '-prune'];
      return {
        kind: 'exec',
        host,
        argv: ['find', place, ...leftovers, '-exec', 'rm', '-rf', '--', '{}', '+'],
        note: 'parts of files whose transfer broke off and whose source is gone since',
      };
    }),
  ];
}

/** A pass that runs needs its key and its directory; it is not pulled away from under it. */
async function refuseRunning(context: StepContext, machine: string): Promise<void> {
  const job = await runningJob(context, machine);
  if (job === undefined) return;
  throw new LandfallError('job.conflict', {
    what: `the job ${job} still runs on ${machine}: nothing was removed`,
    where: { host: machine, machine },
    next: ['let it end: landfall run PLAN', 'then clean up again'],
  });
}
