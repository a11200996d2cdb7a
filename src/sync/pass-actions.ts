import type { FileSystemFacts } from '../journal/facts.ts';
import { type Action, isUnknown, type Unknown, type Word } from '../step/action.ts';
import type { View } from '../step/step.ts';
import { mountpoints, travelling } from './file-systems.ts';
import { mountsAction } from './mounted.ts';
import { excludeContent } from './movers/files/exclude.ts';
import {
  certainWords,
  commonTerms,
  measureArgv,
  NOTHING_AGREED,
  passArgv,
  type RunFacts,
  type Terms,
  verifyArgv,
} from './movers/files/flags.ts';
import { excludeFile, itemLog, measureJob, passJob, pathDirectory, verifyJob } from './names.ts';
import type { PassPlan } from './plan-passes.ts';

/** What one pass or one verification does to hosts, as data: for the preview and for the run alike. */

export type JobAction = Action & { readonly kind: 'job' };
export type WriteAction = Action & { readonly kind: 'write' };

/** One real file system in one pass. */
export interface RunPlan {
  readonly fileSystem: Pick<
    FileSystemFacts,
    'mountpoint' | 'type' | 'used' | 'inodesUsed' | 'device' | 'uuid'
  >;
  readonly exclude: WriteAction;
  readonly job: JobAction;
}

/** Stands for the file systems of a machine that inventory has not seen yet. */
const UNSEEN_ROOT = {
  mountpoint: '/',
  type: 'ext4',
  used: 0,
  inodesUsed: 0,
  device: '',
  uuid: '',
} as const;

export function passRuns(view: View, machine: string, plan: PassPlan, limit: number | undefined): RunPlan[] {
  return runs(view, machine, (facts, terms, index) => {
    const job = passJob(machine, plan.pass, index);
    // As the pass was announced: a receiver that was started anew meanwhile has forgotten its seed.
    const isSeed = plan.kind === 'full' && plan.checksum && facts.mountpoint === '/';
    return {
      job,
      isFirst: plan.kind === 'full',
      argv: passArgv(terms, {
        ...facts,
        kind: plan.kind,
        // Only the root is seeded from the clone: the other file systems start empty, with nothing to compare.
        checksum: plan.kind === 'full' ? isSeed : plan.checksum,
        seeded: isSeed,
        maxDelete: view.plan.passes.max_delete,
        limit,
        itemLog: itemLog(view.plan.name, job),
      }),
    };
  });
}

export function verifyRuns(view: View, machine: string, pass: number): RunPlan[] {
  return runs(view, machine, (facts, terms, index) => ({
    job: verifyJob(machine, pass, index),
    isFirst: false,
    argv: verifyArgv(terms, facts),
  }));
}

export function measureRuns(view: View, machine: string): RunPlan[] {
  return runs(view, machine, (facts, terms, index) => ({
    job: measureJob(machine, index),
    isFirst: false,
    argv: measureArgv(terms, facts),
  }));
}

type Command = (
  facts: RunFacts,
  terms: Terms,
  index: number,
) => {
  job: string;
  argv: readonly string[];
  /** A first copy, which has more to do where a clone lies at the target. */
  isFirst: boolean;
};

function runs(view: View, machine: string, command: Command): RunPlan[] {
  const known = view.state.machines[machine];
  const source = known?.observed?.guest.rsync;
  const target = known?.receiver?.prepared?.rsync;
  const terms = source === undefined || target === undefined ? undefined : commonTerms(source, target);
  const seen = travelling(view, machine);

  return (seen ?? [UNSEEN_ROOT]).map((fileSystem, index): RunPlan => {
    const content = exclude(view, machine, fileSystem);
    const patterns = isUnknown(content) ? undefined : content;
    const file = excludeFile(view.plan.name, machine, fileSystem.mountpoint, patterns);
    const facts: RunFacts = {
      ...fileSystem,
      rsh: `${pathDirectory(view.plan.name, machine)}/rsh`,
      excludeFile: file,
    };
    const { job, argv, isFirst } = command(facts, terms ?? NOTHING_AGREED, index);
    return {
      fileSystem,
      exclude: {
        kind: 'write',
        host: machine,
        path: file,
        mode: 0o600,
        content,
      },
      job: {
        kind: 'job',
        host: machine,
        job,
        argv: terms === undefined ? certainWords(argv, notYet(view, machine, isFirst)) : argv,
        ...(terms === undefined || terms.losses.length === 0 ? {} : { note: terms.losses.join('; ') }),
      },
    };
  });
}

/** What the facts that are still missing will add to the words that every such command has. */
function notYet(view: View, machine: string, isFirst: boolean): Unknown[] {
  const seen = view.state.machines[machine]?.observed !== undefined;
  const prepare = `build/${machine}/prepare`;
  return [
    {
      unknown:
        'ACLs, extended attributes, nanosecond times, compression, progress: as far as both rsyncs have them',
      from: seen ? prepare : `inventory/${machine}`,
    },
    ...(isFirst
      ? [
          {
            unknown: '--delete-delay --checksum, where the files of a clone lie at the target',
            from: prepare,
          },
        ]
      : []),
  ];
}

/**
 * The actions of the runs, in the order of execution. As long as the file systems are unknown, one more job stands
 * for all but the root.
 */
export function actionsOf(view: View, machine: string, plans: readonly RunPlan[]): Action[] {
  const actions = plans.flatMap(({ exclude, job }): Action[] => [mountsAction(machine), exclude, job]);
  if (travelling(view, machine) !== undefined) return actions;
  const from = `inventory/${machine}`;
  return [
    ...actions,
    {
      kind: 'job',
      host: machine,
      job: 'one more',
      argv: [{ unknown: `the same for each other file system of ${machine}`, from }],
    },
  ];
}

function exclude(
  view: View,
  machine: string,
  { mountpoint, type }: { mountpoint: string; type: string },
): Word {
  const guest = view.state.machines[machine]?.observed?.guest;
  if (guest === undefined) return { unknown: `mount points of ${machine}`, from: `inventory/${machine}` };
  return excludeContent({
    mountpoint,
    type,
    mountpoints: mountpoints(view, machine),
    swap: guest.swap.map(({ path }) => path),
    planned: view.plan.machines[machine]?.exclude ?? [],
  });
}
