import { get } from '../../../../journal/maps.ts';
import type { Plan } from '../../../../plan/schema.ts';
import type { Action, Word } from '../../../../step/action.ts';
import type { View } from '../../../../step/step.ts';
import { END_SCRIPT, LIST_SCRIPT, PREPARE_SCRIPT, SOURCE_SCRIPT, TARGET_SCRIPT } from './scripts.ts';
import { pullXml } from './xml.ts';

/** What a comparison of disks does to hosts, as data: for the preview and for the run alike. */

type ExecAction = Action & { readonly kind: 'exec' };
type WriteAction = Action & { readonly kind: 'write' };
export type JobAction = Action & { readonly kind: 'job' };

export interface CompareActions {
  /** What is left of an earlier comparison, and at the end what this one has made. */
  readonly clear: readonly [source: ExecAction, target: ExecAction];
  readonly prepare: readonly [ExecAction, WriteAction];
  readonly source: JobAction;
  readonly target: JobAction;
  /** The ranges come on standard input, when they are known. */
  readonly lists: readonly [source: ExecAction, target: ExecAction];
  /** By disk; absent as long as no pass of blocks is in the replica. */
  readonly disks: readonly { readonly disk: string; readonly capacity: number }[] | undefined;
}

export const compareJob = (machine: string, pass: number): string => `${machine}-compare-${pass}`;

/** On either hypervisor: what a comparison needs while it runs. */
export const compareDirectory = (plan: Plan, hypervisor: string, machine: string): string =>
  `${get(plan.hypervisors, hypervisor)?.scratch ?? ''}/${plan.name}/.compare-${machine}`;

/** The same on the source's hypervisor, for whoever takes away what was left there. */
export function endComparison(plan: Plan, machine: string): ExecAction[] {
  const { source, target } = places(plan, machine);
  return [
    {
      kind: 'exec',
      host: source.host,
      argv: ['sh', '-c', END_SCRIPT, 'sh', source.directory, source.uri, source.domain],
      note: 'ends a comparison that was left behind; a backup job of somebody else is left alone',
    },
    {
      kind: 'exec',
      host: target.host,
      argv: ['rm', '-rf', '--', target.directory],
      note: 'what a comparison has kept there',
    },
  ];
}

function places(plan: Plan, machine: string) {
  const planned = get(plan.machines, machine);
  const from = planned?.source.hypervisor ?? '';
  const to = planned?.target.hypervisor ?? '';
  return {
    source: {
      host: from,
      directory: compareDirectory(plan, from, machine),
      uri: get(plan.hypervisors, from)?.uri ?? '',
      domain: planned?.source.domain ?? machine,
    },
    target: { host: to, directory: compareDirectory(plan, to, machine) },
  };
}

export function compareActions(view: View, machine: string, pass: number): CompareActions {
  const { plan, state } = view;
  const { source, target } = places(plan, machine);
  const known = get(state.machines, machine);
  const from = `sync/${machine}/pass-${pass}`;
  const advanced = known?.advanced?.pass === pass ? known.advanced : undefined;
  const checkpoint = known?.checkpoints?.find(each => each.checkpoint === advanced?.checkpoint);
  const disks = checkpoint?.disks;
  const names: Word[] = disks?.map(({ disk }) => disk) ?? [{ unknown: `disks of ${machine}`, from }];
  const images: Word[] =
    disks === undefined || known?.replica === undefined
      ? [{ unknown: 'each disk and the image of its replica', from }]
      : disks.flatMap(({ disk }) => [disk, imageOf(known.replica?.volumes ?? [], disk, machine)]);
  const limit = String(Math.floor(plan.verify.limit ?? 0));
  const reserve = String(Math.ceil(plan.care.space / 1024));
  const [clearSource, clearTarget] = endComparison(plan, machine);
  if (clearSource === undefined || clearTarget === undefined) throw new RangeError('two places are cleared');
  const list = (host: string, directory: string): ExecAction => ({
    kind: 'exec',
    host,
    argv: ['sh', '-c', LIST_SCRIPT, 'sh', `${directory}/list`],
    note: 'the ranges to compare, on standard input',
  });
  return {
    clear: [clearSource, clearTarget],
    prepare: [
      {
        kind: 'exec',
        host: source.host,
        argv: ['sh', '-c', PREPARE_SCRIPT, 'sh', source.directory, source.domain],
        note: 'a directory in which the qemu of this domain may open its socket',
      },
      {
        kind: 'write',
        host: source.host,
        path: `${source.directory}/backup.xml`,
        mode: 0o644,
        content:
          disks === undefined || checkpoint === undefined
            ? { unknown: `the checkpoint of pass ${pass}`, from }
            : pullXml(
                source.directory,
                checkpoint.checkpoint,
                disks.map(({ disk }) => disk),
              ),
      },
    ],
    source: {
      kind: 'job',
      host: source.host,
      job: compareJob(machine, pass),
      argv: [
        ...['sh', '-c', SOURCE_SCRIPT, 'sh', source.directory, source.uri, source.domain, limit, reserve],
        ...names,
      ],
      note: 'reads one instant of the disks through a backup that ends with this job, and prints a SHA-256 for each range',
    },
    target: {
      kind: 'job',
      host: target.host,
      job: `${compareJob(machine, pass)}-replica`,
      argv: ['sh', '-c', TARGET_SCRIPT, 'sh', target.directory, limit, ...images],
      note: 'the same of the replica',
    },
    lists: [list(source.host, source.directory), list(target.host, target.directory)],
    disks,
  };
}

/** qemu reads a comma as the end of an option; doubled it is one. */
function imageOf(
  volumes: readonly { readonly disk: string; readonly path: string }[],
  disk: string,
  machine: string,
): Word {
  const path = volumes.find(volume => volume.disk === disk)?.path;
  return path === undefined
    ? { unknown: `the image of ${disk}`, from: `build/${machine}/replica` }
    : path.replaceAll(',', ',,');
}

/** In the order of execution. */
export const inOrder = (actions: CompareActions): Action[] => [
  ...actions.clear,
  ...actions.prepare,
  actions.source,
  ...actions.lists,
  actions.target,
];
