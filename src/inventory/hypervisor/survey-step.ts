import { get } from '../../journal/maps.ts';
import type { Plan } from '../../plan/schema.ts';
import { type Action, fact, type Word } from '../../step/action.ts';
import { LINK_RETRY } from '../../step/retry.ts';
import type { Step, View } from '../../step/step.ts';
import { BRIDGES } from '../../tools/bridges.ts';
import { imageInfoArgv } from '../../tools/qemu-img.ts';
import { virshRead } from '../../tools/virsh.ts';
import { isFresh } from '../fresh.ts';
import { tellChanges } from '../tell-changes.ts';
import { compareQuestion, processorQuestion, sourcesOf } from './cpu-fit.ts';
import { STATS } from './rates.ts';
import { hypervisorStepId } from './step.ts';
import { surveyHypervisor } from './survey.ts';
import { hypervisorDrift } from './survey-drift.ts';

export const hypervisorSurveyId = (hypervisor: string): string => `inventory/${hypervisor}/survey`;

/**
 * `inventory/<hypervisor>/survey`: everything that is there, whether the plan knows it or not. Nothing waits for it, and it
 * takes no place of those that build and copy. `done` while the last survey is younger than an hour.
 */
export function hypervisorSurveyStep(hypervisor: string): Step {
  return {
    id: hypervisorSurveyId(hypervisor),
    phase: 'inventory',
    subject: hypervisor,
    title: `survey everything on the hypervisor ${hypervisor}`,
    needs: [hypervisorStepId(hypervisor)],
    resources: [],
    retry: LINK_RETRY,
    preview: view => preview(view, hypervisor),
    async done({ state, clock }) {
      const known = state.surveys?.[hypervisor];
      return known !== undefined && isFresh(known.at, clock.now());
    },
    async run(context, signal) {
      const survey = await surveyHypervisor({
        plan: context.plan,
        host: await context.host(hypervisor),
        hostOf: name => context.host(name),
        clock: context.clock,
        signal,
      });
      const before = get(context.state.surveys ?? {}, hypervisor);
      await context.emit({ type: 'hypervisor.surveyed', hypervisor, survey });
      if (before !== undefined)
        await tellChanges(context, hypervisor, hypervisorDrift(before, survey), before.at);
    },
  };
}

function preview({ plan }: View, hypervisor: string): Action[] {
  const uri = uriOf(plan, hypervisor);
  const from = hypervisorSurveyId(hypervisor);
  const read = (...verb: Word[]): Extract<Action, { kind: 'exec' }> => ({
    kind: 'exec',
    host: hypervisor,
    argv: [...virshRead(uri), ...verb],
    reads: true,
  });
  const domain = fact(undefined, 'each domain of that list', from);
  const running = fact(undefined, 'each running domain', from);
  const each = (what: string): Word => fact(undefined, what, from);
  return [
    { ...read(...STATS), note: 'twice, five seconds apart: what the domains write' },
    read('list', '--all', '--uuid', '--autostart'),
    read('list', '--all', '--uuid', '--with-snapshot'),
    read('list', '--all', '--uuid', '--with-checkpoint'),
    read('list', '--all', '--uuid'),
    read('pool-list', '--name'),
    read('pool-list', '--all', '--autostart', '--name'),
    read('pool-list', '--all', '--name'),
    read('pool-dumpxml', each('each pool')),
    read('dumpxml', domain),
    read('domblkinfo', domain, '--all'),
    read('domjobinfo', running, '--rawstats'),
    read('blockjob', running, each('each of its disks'), '--info'),
    read('snapshot-list', each('each domain that has snapshots'), '--name'),
    read('checkpoint-list', each('each domain that has checkpoints'), '--name'),
    read('domifaddr', running, '--source', 'lease'),
    read('domifaddr', each('each running domain without a lease'), '--source', 'arp'),
    {
      kind: 'exec',
      host: hypervisor,
      argv: [
        ...imageInfoArgv('').slice(0, -1),
        each('each image of which libvirt does not say on what it rests'),
      ],
      reads: true,
    },
    read('net-list', '--name'),
    read('net-list', '--all', '--name'),
    read('net-dumpxml', each('each network')),
    { kind: 'exec', host: hypervisor, argv: BRIDGES, reads: true },
    read('version'),
    { kind: 'exec', host: hypervisor, argv: ['uname', '-r'], reads: true },
    ...sourcesOf(plan, hypervisor).flatMap((source): Action[] => [
      { kind: 'exec', host: source, argv: processorQuestion(uriOf(plan, source), 'kvm'), reads: true },
      {
        kind: 'exec',
        host: hypervisor,
        argv: compareQuestion(uri, 'kvm'),
        stdin: fact(undefined, `that answer of ${source}`, from),
        reads: true,
      },
    ]),
  ];
}

const uriOf = (plan: Plan, hypervisor: string): string =>
  plan.hypervisors[hypervisor]?.uri ?? 'qemu:///system';
