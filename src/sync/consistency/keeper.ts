import { formatBytes, formatDuration } from '../../foundation/units.ts';
import type { Action } from '../../step/action.ts';
import type { View } from '../../step/step.ts';
import { runtimeDirectory } from '../names.ts';
import type { JobAction, WriteAction } from '../pass-actions.ts';
import { KEEPER } from './keeper-script.ts';
import { keeperJob, keeperScript, passJobPrefix, snapshotDirectory, snapshotTag } from './names.ts';
import { type Part, snapshotPlan } from './snapshot-plan.ts';

/** What holds a pass together on its source, as data: for the preview and for the run alike. */

export type ExecAction = Action & { readonly kind: 'exec' };

export interface Keeper {
  readonly parts: readonly Part[];
  readonly hooks: { readonly before: readonly string[]; readonly after: readonly string[] };
  /**
   * `short`: production goes on as soon as the snapshots are there; `whole`: it stands still until everything is
   * read; `none`: there are no hooks.
   */
  readonly rest: 'none' | 'short' | 'whole';
  readonly script: WriteAction;
  readonly job: JobAction;
  /** Tells the keeper that the pass is over. */
  readonly finish: ExecAction;
  /** Does what the keeper would have done at the end, where it was killed. */
  readonly release: ExecAction;
}

const HOUR_S = 3600;
/** Without a job of the pass for so long, landfall is taken for gone, and everything is taken away. */
const GRACE_S = { standing: 120, snapshots: 600 } as const;
/** A pass that takes longer loses its snapshots, or production its patience. */
const CAP_S = { standing: 4 * HOUR_S, snapshots: 24 * HOUR_S } as const;

/** Undefined where the plan wants neither snapshots nor hooks, or none of the former is possible. */
export function keeperOf(view: View, machine: string, pass: number): Keeper | undefined {
  const wanted = view.plan.machines[machine];
  const parts = snapshotPlan(view, machine, pass);
  if (wanted === undefined || parts === undefined) return undefined;
  const before = wanted.hooks?.before ?? [];
  const after = wanted.hooks?.after ?? [];
  const hasHooks = before.length + after.length > 0;
  const shots = parts.filter(({ from }) => from === 'snapshot').length;
  if (!hasHooks && shots === 0) return undefined;

  const isShort = shots > 0 && parts.every(part => part.from === 'snapshot' || part.startsOnly);
  const rest = !hasHooks ? 'none' : isShort ? 'short' : 'whole';
  const limitMs = wanted.hooks?.timeout ?? 60_000;
  const kind = rest === 'whole' ? 'standing' : 'snapshots';
  const { name } = view.plan;
  const words = (mode: 'hold' | 'release'): string[] => [
    'sh',
    keeperScript(name, machine),
    mode,
    snapshotDirectory(name, machine),
    snapshotTag(name),
    `${runtimeDirectory(name)}/${passJobPrefix(machine, pass)}`,
    String(GRACE_S[kind]),
    String(CAP_S[kind]),
    rest === 'short' ? 'short' : 'whole',
    String(Math.max(1, Math.ceil(limitMs / 1000))),
    String(parts.length),
    ...parts.flatMap(partWords),
    String(before.length),
    ...before,
    ...after,
  ];
  return {
    parts,
    hooks: { before, after },
    rest,
    script: { kind: 'write', host: machine, path: keeperScript(name, machine), mode: 0o700, content: KEEPER },
    job: {
      kind: 'job',
      host: machine,
      job: keeperJob(machine, pass),
      argv: words('hold'),
      note: noteOf(parts, rest, before.length > 0, limitMs),
    },
    finish: {
      kind: 'exec',
      host: machine,
      argv: ['touch', '--', `${snapshotDirectory(name, machine)}/done`],
      note: 'the pass is over: what holds it together takes everything away again',
    },
    release: {
      kind: 'exec',
      host: machine,
      argv: words('release'),
      note: 'only where what holds the pass together was killed: the same by hand',
    },
  };
}

/** Everything that a pass may do besides its copying, in order. */
export function keeperActions(view: View, machine: string, pass: number): Action[] {
  const keeper = keeperOf(view, machine, pass);
  if (keeper !== undefined) return [keeper.script, keeper.job, keeper.finish, keeper.release];
  return leftoverActions(view, machine);
}

/** Snapshots of ours that the journal knows of and that were not taken away. */
export function snapshotLeftovers({ state }: View, machine: string): string[] {
  return (state.machines[machine]?.snapshots ?? []).map(({ snapshot }) => snapshot);
}

/**
 * Takes away every snapshot of this evacuation on a machine, found by its name, with its mount; runs `after` where it is
 * still owed. For a source whose keeper is not running; safe to run twice. Empty where none can ever have been there.
 */
export function leftoverActions(view: View, machine: string): (ExecAction | WriteAction)[] {
  const known = view.state.machines[machine];
  const wanted = view.plan.machines[machine];
  const hooks = wanted?.hooks;
  const hasHooks = (hooks?.before?.length ?? 0) + (hooks?.after?.length ?? 0) > 0;
  const had = (known?.snapshots ?? []).length > 0 || known?.hooks !== undefined;
  if (known?.observed === undefined || (!had && !hasHooks && (wanted?.snapshot ?? 'none') === 'none'))
    return [];
  const { name } = view.plan;
  // Those of btrfs are found in the file systems in which they were made.
  const places = (known.snapshots ?? []).filter(({ kind }) => kind === 'btrfs');
  const before = hooks?.before ?? [];
  return [
    { kind: 'write', host: machine, path: keeperScript(name, machine), mode: 0o700, content: KEEPER },
    {
      kind: 'exec',
      host: machine,
      argv: [
        ...[
          'sh',
          keeperScript(name, machine),
          'release',
          snapshotDirectory(name, machine),
          snapshotTag(name),
        ],
        ...[`${runtimeDirectory(name)}/none-`, '0', '0', 'whole'],
        String(Math.max(1, Math.ceil((hooks?.timeout ?? 60_000) / 1000))),
        String(places.length),
        ...places.flatMap(({ mountpoint }, at) => ['btrfs', String(at), '', '', '', '', '', '', mountpoint]),
        String(before.length),
        ...before,
        ...(hooks?.after ?? []),
      ],
      note: 'snapshots of this evacuation that a killed pass has left',
    },
  ];
}

function partWords(part: Part, at: number): string[] {
  if (part.from === 'live')
    return ['live', String(at), '', '', part.watched ? 'watched' : '', '', '', '', part.mountpoint];
  const { kind, origin, name, size, device, type, options, mountpoint } = part;
  return [kind, String(at), origin, name, String(size), device, type, options, mountpoint];
}

function noteOf(parts: readonly Part[], rest: Keeper['rest'], hasBefore: boolean, limitMs: number): string {
  const shots = parts.flatMap(part =>
    part.from === 'snapshot'
      ? [`${part.mountpoint} from ${part.snapshot}${part.size > 0 ? ` (${formatBytes(part.size)})` : ''}`]
      : [],
  );
  const live = parts.flatMap(part =>
    part.from === 'live' ? [`${part.mountpoint} live${part.why === undefined ? '' : `: ${part.why}`}`] : [],
  );
  return [
    'a watchdog that holds the pass together, whatever becomes of landfall',
    ...(hasBefore ? [`runs the hook before it, at most ${formatDuration(limitMs)}`] : []),
    ...(shots.length > 0 ? [`takes snapshots: ${shots.join(', ')}`] : []),
    ...(live.length > 0 ? [`copied ${live.join(', ')}`] : []),
    ...(rest === 'short' ? ['runs the hook after it as soon as the snapshots are there'] : []),
    ...(rest === 'whole' ? ['runs the hook after it when everything is read'] : []),
    ...(shots.length > 0 ? ['removes the snapshots when the pass is over'] : []),
  ].join('; ');
}
