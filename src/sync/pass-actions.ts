import type { FileSystemFacts } from '../journal/facts.ts';
import { type Action, isUnknown, type Unknown, type Word } from '../step/action.ts';
import type { View } from '../step/step.ts';
import { snapshotPlan } from './consistency/snapshot-plan.ts';
import { mountpoints, travelling } from './file-systems.ts';
import { mountsAction } from './mounted.ts';
import { type ExcludeFacts, excludeContent, type Share } from './movers/files/exclude.ts';
import {
  type Compression,
  certainWords,
  commonTerms,
  compressions,
  measureArgv,
  NOTHING_AGREED,
  passArgv,
  type RunFacts,
  type Terms,
  verifyArgv,
} from './movers/files/flags.ts';
import type { Part } from './movers/files/shards.ts';
import {
  excludeFile,
  itemLog,
  measureJob,
  partJob,
  passJob,
  pathDirectory,
  streamJob,
  verifyJob,
} from './names.ts';
import type { PassPlan } from './plan-passes.ts';

/** What one pass or one verification does to hosts, as data: for the preview and for the run alike. */

export type JobAction = Action & { readonly kind: 'job' };
export type WriteAction = Action & { readonly kind: 'write' };

/** One real file system in one pass, or one stream of it. */
export interface RunPlan {
  readonly fileSystem: Pick<
    FileSystemFacts,
    'mountpoint' | 'type' | 'used' | 'inodesUsed' | 'device' | 'uuid'
  >;
  readonly exclude: WriteAction;
  readonly job: JobAction;
  /** The name of the stream, whichever part of it this is. */
  readonly stream: string;
}

/** At what rate the passes of a machine go now, and which streams were started again for its sake. */
export interface Pace {
  /** Bytes per second over all streams of a file system. */
  readonly rate: number | undefined;
  /** The part of a stream, where it is not the first. */
  readonly parts: ReadonlyMap<string, number>;
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

export function passRuns(view: View, machine: string, plan: PassPlan, pace: Pace): RunPlan[] {
  const survey = view.state.machines[machine]?.survey;
  const shards = plan.kind === 'full' && survey?.pass === plan.pass ? survey.shards : [];
  const command: Command = (facts, terms, index, { at, of }) => {
    const stream = streamJob(passJob(machine, plan.pass, index), at);
    const job = partJob(stream, pace.parts.get(stream) ?? 1);
    // As the pass was announced: a receiver that was started anew meanwhile has forgotten its seed.
    const isSeed = plan.kind === 'full' && plan.checksum && facts.mountpoint === '/';
    return {
      job,
      stream,
      isFirst: plan.kind === 'full',
      argv: passArgv(terms, {
        ...facts,
        from: snapshotOf(view, machine, plan.pass, facts.mountpoint),
        kind: plan.kind,
        // Only the root is seeded from the clone: the other file systems start empty, with nothing to compare.
        checksum: plan.kind === 'full' ? isSeed : plan.checksum,
        seeded: isSeed,
        maxDelete: view.plan.passes.max_delete,
        compress: compressionOf(view, machine, terms),
        limit: pace.rate === undefined ? undefined : pace.rate / of,
        itemLog: itemLog(view.plan.name, job),
      }),
    };
  };
  return runs(view, machine, command, mountpoint => sharesOf(shards, mountpoint));
}

/** What the plan says, or else what the sample of this machine said. */
function compressionOf({ plan, state }: View, machine: string, terms: Terms): Compression | undefined {
  if (plan.link.compress === 'off') return 'none';
  if (plan.link.compress === 'on') return compressions(terms)[0];
  const sampled = state.machines[machine]?.compression?.choice;
  return sampled === undefined || sampled === 'none' || compressions(terms).includes(sampled)
    ? sampled
    : undefined;
}

/** Where a pass reads a file system of which there is a snapshot for it. */
const snapshotOf = (view: View, machine: string, pass: number, mountpoint: string): string | undefined => {
  const part = snapshotPlan(view, machine, pass)?.find(each => each.mountpoint === mountpoint);
  return part?.from === 'snapshot' ? part.path : undefined;
};

/** The shares of the streams of a file system: the first takes what no other does. */
function sharesOf(
  shards: readonly { readonly mountpoint: string; readonly parts: readonly Part[] }[],
  mountpoint: string,
): (Share | undefined)[] {
  const parts = shards.find(each => each.mountpoint === mountpoint)?.parts ?? [];
  if (parts.length === 0) return [undefined];
  return [
    { kind: 'but', paths: parts.flatMap(({ paths }) => paths) },
    ...parts.map(({ paths }): Share => ({ kind: 'only', paths })),
  ];
}

export function verifyRuns(view: View, machine: string, pass: number, contents = true): RunPlan[] {
  return runs(view, machine, (facts, terms, index) => ({
    job: verifyJob(machine, pass, index),
    isFirst: false,
    argv: verifyArgv(terms, facts, contents),
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
  /** Which of how many streams of the file system. */
  place: { readonly at: number; readonly of: number },
) => {
  job: string;
  stream?: string;
  argv: readonly string[];
  /** A first copy, which has more to do where a clone lies at the target. */
  isFirst: boolean;
};

const WHOLE: readonly (Share | undefined)[] = [undefined];

function runs(
  view: View,
  machine: string,
  command: Command,
  shares: (mountpoint: string) => readonly (Share | undefined)[] = () => WHOLE,
): RunPlan[] {
  const terms = termsOf(view, machine);
  const seen = travelling(view, machine);

  return (seen ?? [UNSEEN_ROOT]).flatMap((fileSystem, index) => {
    const streams = shares(fileSystem.mountpoint);
    return streams.map((share, at): RunPlan => {
      const content = exclude(view, machine, fileSystem, share);
      const patterns = isUnknown(content) ? undefined : content;
      const file = excludeFile(view.plan.name, machine, fileSystem.mountpoint, patterns);
      const facts: RunFacts = {
        ...fileSystem,
        rsh: `${pathDirectory(view.plan.name, machine)}/rsh`,
        excludeFile: file,
      };
      const place = { at, of: streams.length };
      const { job, stream, argv, isFirst } = command(facts, terms ?? NOTHING_AGREED, index, place);
      const notes = [...(terms?.losses ?? []), ...relayNote(view)];
      return {
        fileSystem,
        stream: stream ?? job,
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
          ...(notes.length === 0 ? {} : { note: notes.join('; ') }),
        },
      };
    });
  });
}

const relayNote = ({ plan }: View): string[] =>
  plan.link.path === 'relay'
    ? ['the bytes go through the machine that runs landfall (link.path: relay)']
    : [];

/** What both rsyncs can do; undefined before both were seen. */
export function termsOf({ state }: View, machine: string): Terms | undefined {
  const known = state.machines[machine];
  const source = known?.observed?.guest.rsync;
  const target = known?.receiver?.prepared?.rsync;
  return source === undefined || target === undefined ? undefined : commonTerms(source, target);
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
  fileSystem: { mountpoint: string; type: string },
  share: Share | undefined,
): Word {
  const facts = excludeFacts(view, machine, fileSystem);
  if (facts === undefined) return { unknown: `mount points of ${machine}`, from: `inventory/${machine}` };
  return excludeContent({ ...facts, share });
}

/** What decides which paths of a file system travel; undefined before the machine was seen. */
export function excludeFacts(
  view: View,
  machine: string,
  { mountpoint, type }: { mountpoint: string; type: string },
): ExcludeFacts | undefined {
  const guest = view.state.machines[machine]?.observed?.guest;
  if (guest === undefined) return undefined;
  return {
    mountpoint,
    type,
    mountpoints: mountpoints(view, machine),
    swap: guest.swap.map(({ path }) => path),
    planned: view.plan.machines[machine]?.exclude ?? [],
  };
}
