import { listed } from '../../foundation/listing.ts';
import { get } from '../../journal/maps.ts';
import type { MachineState } from '../../journal/state.ts';
import { finalPass } from '../../pace/final-pass.ts';
import { hindsight } from '../../pace/forecast.ts';
import { metricsOf } from '../../pace/metrics.ts';
import { modelOfPasses } from '../../pace/model.ts';
import { recentOf } from '../../pace/recent.ts';
import { resolveDeadline } from '../../plan/resolve.ts';
import { moverOf } from '../../step/mover.ts';
import type { View } from '../../step/step.ts';
import { databaseSize } from './databases.ts';
import { heldBy, seededOf, writingOf } from './evidence.ts';
import { type Line, lineOf } from './line.ts';
import { type Course, coursesOf } from './movers.ts';
import type { MachineSize, PassOutcome, Sizing } from './shape.ts';

/** How much leaves, and how long that takes. Pure; `now` in epoch ms. What nobody has seen is absent, never zero. */
export function sizingOf(view: View, now: number): Sizing {
  const { plan, state } = view;
  const link = lineOf(view, now);
  const names = Object.keys(plan.machines);
  const machines = names.flatMap(name => machineSize(view, name, link, now) ?? []);
  const databases = Object.keys(plan.databases).flatMap(name => databaseSize(view, name) ?? []);
  const known = new Set([...machines, ...databases].map(({ name }) => name));
  const unknown = [...names, ...Object.keys(plan.databases)].filter(name => !known.has(name));

  const leftBytes = sum([...machines, ...databases].map(each => each.leftBytes ?? 0));
  const times = machines.flatMap(each => ownMs(each, link) ?? []);
  const totalMs =
    link === undefined || known.size === 0
      ? undefined
      : Math.max((leftBytes / link.bytesPerSecond) * 1000, 0, ...times);
  const deadline = state.evacuation?.deadline.earliest ?? resolveDeadline(plan, now).earliestMs;
  const leftMs = Math.max(0, deadline - now);
  const missing = missingFor(machines, unknown, link);
  // What is known can be too much by itself; that it is enough can be said only of everything.
  const fits =
    totalMs === undefined ? undefined : totalMs > leftMs ? false : missing.length === 0 ? true : undefined;
  return {
    ...{ machines, databases, leftBytes, leftMs, missing, unknown },
    ...(link === undefined ? {} : { link }),
    totalBytes: sum(machines.map(each => ownMover(each)?.fullBytes ?? 0)) + sum(databases.map(d => d.bytes)),
    ...(totalMs === undefined ? {} : { totalMs }),
    ...(fits === undefined ? {} : { fits }),
  };
}

const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0);

const ownMover = ({ movers, mover }: MachineSize) => movers.find(each => each.mover === mover);

/**
 * A machine by blocks has one stream, and so takes longer than its share of the line; and a pass costs something besides.
 * Others use the line meanwhile: it is added to none but its own time.
 */
function ownMs(machine: MachineSize, link: Line | undefined): number | undefined {
  if (link === undefined || machine.leftBytes === undefined) return undefined;
  const rate = machine.mover === 'blocks' ? (link.oneStream ?? link.bytesPerSecond) : link.bytesPerSecond;
  return (machine.leftBytes / rate) * 1000 + (machine.fixedMs ?? 0);
}

function machineSize(view: View, name: string, line: Line | undefined, now: number): MachineSize | undefined {
  const held = heldBy(view, name);
  if (held === undefined) return undefined;
  const known = get(view.state.machines, name);
  const writing = writingOf(view, name);
  const passes = recentOf(known?.passes ?? []);
  const latest = passes.findLast(({ ended }) => ended !== undefined)?.mover;
  const model = modelOfPasses(known?.passes ?? []);
  const { small, at_most: atMost } = view.plan.passes;
  const courses = coursesOf(mover => ({
    ...{ held, seeded: seededOf(known), writing, line, small, atMost },
    model: mover === latest ? model : undefined,
  }));
  const mover = moverOf(view, name);
  const own = courses.find(each => each.mover === mover);
  const leftBytes = leftOf(view, name, own, now);
  const outcomes = outcomesOf(known, own);
  const isShown = passes.some(
    each => each.mover === mover && each.kind === 'delta' && each.ended !== undefined,
  );
  const fixedMs = isShown && mover === latest ? model?.floorMs : undefined;
  return {
    name,
    allocatedBytes: held.allocated,
    ...(held.used === undefined ? {} : { usedBytes: held.used }),
    ...(held.files === undefined ? {} : { files: held.files }),
    ...(writing === undefined ? {} : { writtenPerSecond: writing.perSecond, writtenFrom: writing.from }),
    movers: courses.map(({ bytes: _all, ...size }) => size),
    mover,
    ...(leftBytes === undefined ? {} : { leftBytes }),
    ...(fixedMs === undefined ? {} : { fixedMs: Math.round(fixedMs) }),
    ...(outcomes.length === 0 ? {} : { passes: outcomes }),
    seenAt: held.seenAt,
  };
}

/**
 * Once there is a copy, what was written since; before, everything and what comes meanwhile. The first pass of another mover
 * looks at everything again, and nobody knows how much of it travels: at most all.
 */
function leftOf(view: View, name: string, own: Course | undefined, now: number): number | undefined {
  const known = get(view.state.machines, name);
  const newest = known?.passes.findLast(({ ended }) => ended !== undefined);
  const last = newest?.ended;
  if (last === undefined || newest?.mover !== moverOf(view, name)) return own?.bytes;
  const final = finalPass(view, name, now);
  if (final !== undefined) return final.bytes;
  const writing = writingOf(view, name);
  if (writing === undefined || own === undefined) return undefined;
  return Math.min(own.fullBytes, (writing.perSecond * Math.max(0, now - last.startedAt)) / 1000);
}

/** Passes that are told one by one: enough to see how good the forecasts are. */
const TOLD = 5;

/** Estimate and outcome side by side, the newest last. A first copy is held against what is said of it now. */
function outcomesOf(known: MachineState | undefined, own: Course | undefined): PassOutcome[] {
  const passes = recentOf(known?.passes ?? []);
  const said = new Map(hindsight(passes).map(each => [each.pass, each.predictedMs]));
  const all = metricsOf(passes).map(({ pass, kind, mover, ms, sentBytes }): PassOutcome => {
    const predictedMs = said.get(pass) ?? (kind === 'full' && own?.mover === mover ? own.fullMs : undefined);
    return { pass, kind, ms, sentBytes, ...(predictedMs === undefined ? {} : { predictedMs }) };
  });
  const newest = all.slice(-TOLD);
  const full = all.findLast(({ kind }) => kind === 'full');
  return full === undefined || newest.includes(full) ? newest : [full, ...newest.slice(1)];
}

function missingFor(
  machines: readonly MachineSize[],
  unknown: readonly string[],
  link: Line | undefined,
): string[] {
  const silent = machines.filter(each => each.writtenPerSecond === undefined).map(({ name }) => name);
  const uncounted = machines.filter(each => each.leftBytes === undefined).map(({ name }) => name);
  const behind = machines.filter(each => ownMover(each)?.converges === false).map(({ name }) => name);
  return [
    ...(unknown.length === 0 ? [] : [`nobody knows how much ${listed(unknown)} ${hold(unknown)}`]),
    ...(link === undefined ? ['the line was never measured and has no limit in the plan'] : []),
    ...(silent.length === 0 ? [] : [`nobody has looked twice at what ${listed(silent)} ${write(silent)}`]),
    ...(uncounted.length === 0
      ? []
      : [`what ${listed(uncounted)} ${hold(uncounted)} still to send is not known`]),
    ...(behind.length === 0 ? [] : [`passes do not catch up with what ${listed(behind)} ${write(behind)}`]),
  ];
}

const hold = (names: readonly string[]): string => (names.length === 1 ? 'has' : 'have');
const write = (names: readonly string[]): string => (names.length === 1 ? 'writes' : 'write');
