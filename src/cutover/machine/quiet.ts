import { LandfallError } from '../../foundation/errors.ts';
import { counted } from '../../foundation/units.ts';
import { get } from '../../journal/maps.ts';
import type { CutoverMachineState } from '../../journal/state.ts';
import type { Host } from '../../remote/host.ts';
import { type Action, fact } from '../../step/action.ts';
import { LINK_RETRY } from '../../step/retry.ts';
import type { StepContext, View } from '../../step/step.ts';
import type { Deed } from '../deed.ts';
import { isPublisherOf } from '../publisher-host.ts';
import { inStages, KINDS, parseUnits, type QuietWish, unitName, unitsToStop } from './base-units.ts';
import { isExact } from './exact.ts';
import { doneTo, type ExecAction, exec, look } from './hands.ts';
import { isPutBack, putBackDeed, putBackWhereReached } from './put-back.ts';

/** A service may take its time to write everything down; systemd kills it after its own limit, 90 s as a rule. */
const STOP_TIMEOUT_MS = 900_000;
/** What starts again by itself is stopped again so often: a socket or a bus name may have called it once more. */
const ROUNDS = 3;
export const LAST_COPY_REASON = 'the last copy: nothing writes on the source any more';

/** Asks for the kinds that run or make others run; a plan may name units of other kinds, and they are shown as well. */
const LIST = [
  'systemctl',
  'list-units',
  `--type=${KINDS.join(',')}`,
  '--state=active,activating,reloading',
  '--all',
  '--no-legend',
  '--no-pager',
  '--plain',
  '--full',
] as const;

/**
 * Stops what writes on a source. The units are recorded before the first is stopped, so that an abort starts exactly
 * these again, whatever became of landfall in between. The end of an abort is here, too: production runs, and the replica
 * goes back into its receiver.
 */
export function quietDeed(machine: string): Deed {
  return {
    retry: LINK_RETRY,
    preview: view => preview(view, machine),
    done: (context, signal) => isQuiet(context, machine, signal),
    run: (context, signal) => run(context, machine, signal),
    undo: {
      preview: view => undoPreview(view, machine),
      done: async (context, signal) =>
        doneTo(context, machine).stopped === undefined && (await isPutBack(context, machine, signal)),
      run: async (context, signal) => [
        ...(await startAgain(context, machine, signal)),
        ...(await putBackWhereReached(context, machine, signal)),
      ],
    },
  };
}

async function isQuiet(context: StepContext, machine: string, signal: AbortSignal): Promise<boolean> {
  const { stopped, poweredOff } = doneTo(context, machine);
  if (stopped?.quietAt === undefined || !isLastCopyAsked(context, machine, stopped.quietAt)) return false;
  // A source that is off writes nothing, and does not answer.
  if (poweredOff?.offAt !== undefined) return true;
  return (await atWork(await context.host(machine), context, machine, signal)).length === 0;
}

/** A pass that began since then, or one that is asked for; none of it was found to differ since. */
function isLastCopyAsked({ state }: View, machine: string, since: number): boolean {
  const known = get(state.machines, machine);
  if ((known?.requested?.at ?? -1) >= since) return true;
  const last = known?.passes.at(-1);
  if (last === undefined || last.startedAt < since) return false;
  const verified = known?.verified;
  return verified === undefined || verified.pass < last.pass || isExact(verified);
}

async function run(context: StepContext, machine: string, signal: AbortSignal): Promise<string[]> {
  const source = await context.host(machine);
  let found = await atWork(source, context, machine, signal);
  for (let round = 1; round <= ROUNDS; round += 1) {
    await record(context, machine, found);
    for (const action of stopActions(context, machine)) {
      context.sample({ text: `stopping ${counted(action.argv.length - 2, 'unit')} on ${machine}` });
      // What is not there any more need not be stopped; what does not stop is found by the next look.
      await context.perform(action, { codes: ANY_SYSTEMCTL_CODE, timeoutMs: STOP_TIMEOUT_MS, signal });
    }
    found = await atWork(source, context, machine, signal);
    if (found.length === 0) break;
  }
  if (found.length > 0) throw staysUp(machine, found);
  const units = doneTo(context, machine).stopped?.units ?? [];
  await context.emit({ type: 'cutover.quiet', machine, units: [...units] });
  await context.emit({ type: 'pass.requested', machine, reason: LAST_COPY_REASON });
  return [
    units.length === 0
      ? 'nothing ran that would have to stop'
      : `${counted(units.length, 'unit')} stopped and seen inactive: ${units.join(', ')}`,
  ];
}

/** systemctl: 1 failed, 3 not active, 4 and 5 no such unit, 6 masked. */
const ANY_SYSTEMCTL_CODE: readonly number[] = [0, 1, 3, 4, 5, 6];

/** Nothing that was recorded once is forgotten: it was stopped, perhaps by an attempt that was cut off. */
async function record(context: StepContext, machine: string, found: readonly string[]): Promise<void> {
  const before = doneTo(context, machine).stopped?.units;
  const units = inStages([...(before ?? []), ...found]).flat();
  if (before !== undefined && units.length === before.length) return;
  await context.emit({ type: 'cutover.quieting', machine, units });
}

async function atWork(source: Host, view: View, machine: string, signal: AbortSignal): Promise<string[]> {
  const wish = wishOf(view, machine);
  try {
    const { stdout } = await source.exec(LIST, { signal });
    const rows = parseUnits(stdout.toString('utf8'));
    const others = wish.stop.map(unitName).filter(unit => !rows.some(row => row.unit === unit));
    return unitsToStop([...rows, ...(await statesOf(source, others, signal))], wish);
  } catch (error) {
    if (error instanceof LandfallError && error.code === 'remote.command-missing')
      throw noSystemd(machine, error);
    throw error;
  }
}

/** `systemctl is-active` says one word a unit, in the order of the question. */
export async function statesOf(source: Host, units: readonly string[], signal: AbortSignal) {
  if (units.length === 0) return [];
  const { stdout } = await source.exec(['systemctl', 'is-active', ...units], {
    codes: ANY_SYSTEMCTL_CODE,
    signal,
  });
  const words = stdout.toString('utf8').split('\n');
  return units.map((unit, at) => ({ unit, active: words[at]?.trim() ?? '', sub: '' }));
}

/** A SQL Server of the plan on this very machine goes on until its database is drained. */
function wishOf(view: View, machine: string): QuietWish {
  const planned = get(view.plan.machines, machine);
  const hasDatabase = Object.keys(view.plan.databases).some(name => isPublisherOf(view, machine, name));
  return {
    stop: planned?.stop ?? [],
    keep: [...(planned?.keep ?? []), ...(hasDatabase ? ['mssql-server.service'] : [])],
  };
}

function stopActions(view: View, machine: string): ExecAction[] {
  const units = doneTo(view, machine).stopped?.units;
  return units === undefined
    ? []
    : inStages(units).map(stage => exec(machine, ['systemctl', 'stop', ...stage]));
}

function preview(view: View, machine: string): Action[] {
  const planned = get(view.plan.machines, machine);
  const looks = [
    look(machine, LIST, 'finds what runs; what the machine needs to be reached goes on'),
    ...((planned?.stop.length ?? 0) === 0
      ? []
      : [look(machine, ['systemctl', 'is-active', ...(planned?.stop ?? []).map(unitName)])]),
  ];
  if (doneTo(view, machine).stopped !== undefined) return [...looks, ...stopActions(view, machine)];
  const from = `cutover/${machine}/quiet`;
  return [
    ...looks,
    exec(machine, ['systemctl', 'stop', fact(undefined, 'timers that wait', from)]),
    exec(machine, ['systemctl', 'stop', fact(undefined, 'sockets and paths that would start others', from)]),
    exec(machine, ['systemctl', 'stop', fact(undefined, 'services that run and may write', from)]),
  ];
}

function startActions({ stopped }: CutoverMachineState, machine: string): ExecAction[] {
  return inStages(stopped?.units ?? [])
    .reverse()
    .map(stage => exec(machine, ['systemctl', 'start', ...stage]));
}

function undoPreview(view: View, machine: string): Action[] {
  const known = doneTo(view, machine);
  const units = known.stopped?.units ?? [];
  return [
    ...startActions(known, machine),
    ...(units.length === 0 ? [] : [look(machine, ['systemctl', 'is-active', ...units])]),
    ...putBackDeed(machine).preview(view),
  ];
}

async function startAgain(context: StepContext, machine: string, signal: AbortSignal): Promise<string[]> {
  const known = doneTo(context, machine);
  const units = known.stopped?.units;
  if (units === undefined) return [`nothing was stopped on ${machine}`];
  context.sample({ text: `starting ${counted(units.length, 'unit')} on ${machine} again` });
  const refused = new Set<string>();
  for (const action of startActions(known, machine)) {
    const { code } = await context.perform(action, {
      codes: ANY_SYSTEMCTL_CODE,
      timeoutMs: STOP_TIMEOUT_MS,
      signal,
    });
    if (code !== 0) for (const unit of action.argv.slice(2)) refused.add(String(unit));
  }
  const states = await statesOf(await context.host(machine), units, signal);
  const down = states.filter(({ active }) => !['active', 'activating', 'reloading'].includes(active));
  // A job that runs once is over when systemctl comes back without complaint; units of a login are not ours to start.
  const failed = down.filter(
    ({ unit, active }) => active === 'failed' || (refused.has(unit) && !isPassing(unit)),
  );
  if (failed.length > 0)
    throw staysDown(
      machine,
      failed.map(({ unit }) => unit),
    );
  await context.emit({ type: 'cutover.taken-back', machine, part: 'stopped' });
  const over = down.map(({ unit }) => unit);
  return [
    `${counted(units.length - over.length, 'unit')} active again`,
    ...(over.length === 0 ? [] : [`run once and over, or gone with a login: ${over.join(', ')}`]),
  ];
}

/** Made on the fly, by systemd-run or a login: they have no file from which they could be started again. */
const isPassing = (unit: string): boolean => /^(?:run-|session-|user@)/.test(unit);

const noSystemd = (machine: string, cause: LandfallError): LandfallError =>
  new LandfallError('cutover.not-quiet', {
    what: `${machine} has no systemctl: landfall cannot tell what writes there, nor stop it`,
    where: { host: machine, machine },
    next: [
      `stop by hand what writes on ${machine} (its init scripts, its cron daemon), and write down what you stopped`,
      `then go on: landfall cutover PLAN skip quiet/${machine} --reason "stopped by hand"`,
    ],
    cause,
  });

const staysUp = (machine: string, units: readonly string[]): LandfallError =>
  new LandfallError('cutover.not-quiet', {
    what: `${counted(units.length, 'unit')} on ${machine} ${units.length === 1 ? 'runs' : 'run'} again or cannot be stopped: ${units.slice(0, 5).join(', ')}`,
    why: 'what they write now would not be in the last copy',
    where: { host: machine, machine, command: 'systemctl list-units' },
    next: [
      `see why: systemctl status ${units.slice(0, 3).join(' ')}`,
      `where it may go on because it writes nothing that matters: machines.${machine}.keep in the plan`,
      'then order the same item again',
    ],
  });

const staysDown = (machine: string, units: readonly string[]): LandfallError =>
  new LandfallError('remote.command-failed', {
    what: `${counted(units.length, 'unit')} on ${machine} ${units.length === 1 ? 'does' : 'do'} not start again: ${units.slice(0, 5).join(', ')}`,
    why: 'production is not what it was before the cutover until they run',
    where: { host: machine, machine, command: `systemctl start ${units.slice(0, 3).join(' ')}` },
    next: [
      `see why: systemctl status ${units.slice(0, 3).join(' ')}; journalctl -u ${units[0] ?? 'UNIT'} -n 50`,
      'start them by hand, then let the abort go on: it asks again',
    ],
  });
