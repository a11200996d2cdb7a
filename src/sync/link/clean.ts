import { LandfallError } from '../../foundation/errors.ts';
import type { Action } from '../../step/action.ts';
import type { Step, StepContext, View } from '../../step/step.ts';
import { keyComment, runtimeDirectory } from '../names.ts';
import { HYPERVISOR_KEYS } from '../path/keys.ts';
import { WAITING_RETRY } from '../retry.ts';
import { LEFT_SCRIPT, MEASURING, SWEEP_SCRIPT } from './scripts-left.ts';

type Exec = Action & { readonly kind: 'exec' };

export const linkCleanStepId = (hypervisor: string): string => `cutover/${hypervisor}/clean-link`;

/**
 * `cutover/<hypervisor>/clean-link`: takes away what a measurement of the line left that was killed; one that ended, or was
 * stopped with Ctrl-C, has left nothing. Whatever bears the evacuation's name goes, also of pairs that the plan has no more.
 *
 * A hypervisor may be one that was never observed: the line is measured before an evacuation begins.
 */
export function linkCleanStep(hypervisor: string): Step {
  return {
    id: linkCleanStepId(hypervisor),
    phase: 'cutover',
    subject: hypervisor,
    title: `remove what a measurement of the line that was killed has left on ${hypervisor}`,
    needs: [],
    resources: [],
    retry: WAITING_RETRY,
    preview: view => {
      const { sweep, revoke } = actions(view, hypervisor);
      return [sweep, revoke];
    },
    async done(context, signal) {
      const { files, keys } = await left(context, hypervisor, signal);
      return !files && !keys;
    },
    async run(context, signal) {
      const { sweep, revoke } = actions(context, hypervisor);
      const { files, keys } = await left(context, hypervisor, signal);
      if (files) {
        const { code } = await context.perform(sweep, { codes: [0, MEASURING], signal });
        if (code === MEASURING) throw stillMeasures(hypervisor);
      }
      // A file of keys that holds none of ours is not written again.
      if (keys) await context.perform(revoke, { signal });
    },
  };
}

/** Every key of a measurement, whichever pair it was for: names of hypervisors hold no blanks. */
const anyComment = ({ plan }: View): string => keyComment(plan.name, 'link:[^ ]*');

function actions(view: View, host: string): { readonly sweep: Exec; readonly revoke: Exec } {
  const sh = (note: string, ...words: readonly string[]): Exec => ({
    ...{ kind: 'exec', host, argv: ['sh', '-c', ...words], note },
  });
  return {
    sweep: sh(
      'directories and forced command of a measurement; refuses while one runs',
      ...[SWEEP_SCRIPT, 'sh', runtimeDirectory(view.plan.name)],
    ),
    revoke: sh('the lines of its keys in authorized_keys', HYPERVISOR_KEYS.revoke, 'sh', anyComment(view)),
  };
}

async function left(
  context: StepContext,
  hypervisor: string,
  signal: AbortSignal,
): Promise<{ readonly files: boolean; readonly keys: boolean }> {
  const host = await context.host(hypervisor);
  const files = await host.exec(['sh', '-c', LEFT_SCRIPT, 'sh', runtimeDirectory(context.plan.name)], {
    signal,
  });
  const revoked = await host.exec(['sh', '-c', HYPERVISOR_KEYS.revoked, 'sh', anyComment(context)], {
    ...{ codes: [0, 1], signal },
  });
  return { files: files.stdout.length > 0, keys: revoked.code !== 0 };
}

const stillMeasures = (host: string): LandfallError =>
  new LandfallError('job.conflict', {
    what: `a measurement of the line runs on ${host} now: nothing of it was removed`,
    why: 'it removes what it made when it ends; of one that was killed, the transfers end within half a minute',
    where: { host },
    next: ['let it end', 'then clean up again: landfall clean PLAN'],
  });
