import { join } from 'node:path';
import type { Clock, Random } from '../foundation/clock.ts';
import { asLandfallError, cancelled, type LandfallError } from '../foundation/errors.ts';
import type { Redactor } from '../foundation/redact.ts';
import type { Event, EventBody, EventOf } from '../journal/events.ts';
import type { Journal } from '../journal/journal.ts';
import type { State } from '../journal/state.ts';
import type { LoadedPlan } from '../plan/read.ts';
import { dueProof } from '../prove/index.ts';
import type { CommandRecord } from '../remote/host.ts';
import { createHosts } from '../remote/hosts.ts';
import type { Phase, Sample, Step, View } from '../step/step.ts';
import { addressOf, sshConfigOf } from './addresses.ts';
import { budgetOf } from './budget.ts';
import { keepCare } from './care/watch.ts';
import { openChronicle } from './chronicle.ts';
import { conduct, type NextWhenIdle, type Outcome } from './conductor.ts';
import { contextFor } from './context.ts';
import { watchDatabases } from './database-watch.ts';
import type { Command, CommandOf, Reply } from './engine/command.ts';
import { tryOrder } from './engine/desk.ts';
import { SOCKET_NAME } from './engine/dial.ts';
import { type Engine, startEngine } from './engine/engine.ts';
import { idlePolicy } from './idle.ts';
import { openMirror } from './mirror.ts';
import { openEvacuation } from './open.ts';
import { cutoverStepsOf, databaseStepsOf, measureStepsOf, proofStepsOf, stepsOf } from './planner.ts';
import { keepSchedule } from './schedule.ts';
import { shownRecord } from './script-words.ts';
import { resolveSecrets, type Secrets } from './sql/secrets.ts';
import { openSqlServers } from './sql-hands.ts';
import { type NameResolver, systemResolver } from './surroundings/names.ts';
import { Surroundings } from './surroundings.ts';
import { keysOfTargets } from './target-keys.ts';
import { wayHomeOf } from './way-home.ts';

export interface EvacuateOptions {
  readonly plan: LoadedPlan;
  /** The directory of all evacuations. */
  readonly root: string;
  /** Which stages this run goes through; by default all that exist. */
  readonly phases?: readonly Phase[];
  /** Which of the steps of these stages, and how they are asked; the same function for the whole run. */
  readonly narrow?: (steps: readonly Step[]) => Step[];
  /** Go on with a plan that changed since the evacuation was created. */
  readonly acceptPlan?: boolean;
  /** Take the lock from a holder on another host that cannot be seen. */
  readonly takeOver?: boolean;
  /** Prove these machines that they boot, for this reason, and do nothing else but what that needs. */
  readonly prove?: { readonly machines: readonly string[]; readonly reason: string };
  /** Measure what the next pass of these machines would bring, and do nothing else but what that needs. */
  readonly measure?: readonly string[];
  /** Carry out this order about databases, and do nothing else but what it needs. */
  readonly database?: { readonly command: CommandOf<'database'>; readonly databases: readonly string[] };
  /** Carry out these orders of the cutover, and do nothing else but what they need. */
  readonly cutover?: { readonly commands: readonly CommandOf<'cutover'>[]; readonly by: string };
  /** Ask for one more pass of every machine that has had one, with this reason. */
  readonly anotherPass?: string;
  /** Ask for one more pass of these, each with its reason. */
  readonly due?: readonly Omit<EventOf<'pass.requested'>, 'type'>[];
  readonly sshConfig?: string | undefined;
  /** Where secrets that the plan calls env:NAME are found. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What is asked for the records of the plan; by default the resolvers of this machine. */
  readonly resolver?: NameResolver;
  readonly agentSocket?: string | undefined;
  readonly landfallVersion: string;
  readonly owner: {
    readonly pid: number;
    readonly host: string;
    readonly user: string;
    readonly command?: string;
  };
  readonly clock: Clock;
  readonly random: Random;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: Event, state: State) => void;
  readonly onSample?: (sample: Sample) => void;
  /** Every command that was run on a host, redacted; long scripts are shortened. */
  readonly onRan?: (record: CommandRecord) => void;
  /** Serve clients on a socket while the evacuation runs, and carry out what they order. */
  readonly engine?: EngineOptions;
  /** Something beside the evacuation went wrong (a milestone was not committed); the run goes on. */
  readonly onTrouble?: (error: LandfallError) => void;
}

export interface EngineOptions {
  /** `done`: ends when nothing is left to do and nothing waits for an engineer. `stay`: waits for orders then. */
  readonly until: 'stay' | 'done';
  /** Stages that wait for an engineer's approval; journalled when the evacuation is begun, ignored later. */
  readonly hold?: readonly Phase[];
  /** What to do when there is nothing to do: passes on a schedule. `end` counts as `wait` where `until` says to wait. */
  readonly nextWhenIdle?: NextWhenIdle;
  /** Called once clients can connect. */
  readonly onServing?: (serving: {
    readonly socket: string;
    readonly directory: string;
    /** Writes a note into the journal in the name of somebody who is no client, such as the lab. */
    readonly note: (text: string, by: string) => Promise<void>;
    /** Gives an order as a client would, in such a name. */
    readonly order: (command: Command, by: string) => Promise<Reply>;
  }) => void;
}

export interface Evacuated {
  readonly state: State;
  readonly outcome: Outcome;
  /** The directory of this evacuation. */
  readonly directory: string;
  /** An engineer ordered the end: `outcome.cancelled` is no accident then. */
  readonly stopped: boolean;
}

/**
 * Runs an evacuation in this process until there is nothing left to do, everything left has failed, or the signal
 * fires; with an engine, for as long as that is to stay.
 */
export async function evacuate(options: EvacuateOptions): Promise<Evacuated> {
  const { plan } = options.plan;
  const configFile = options.sshConfig ?? sshConfigOf(options.plan);
  // Asked before anything is made: without an SSH client or with a broken ssh_config there is nothing to begin.
  const keys = await keysOfTargets(options, configFile);
  const secrets = await secretsOf(options);
  // Whoever lost the lock must not touch a host any more: its successor works there.
  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  let isLost = false;
  const { directory, journal } = await openEvacuation(options, () => {
    isLost = true;
    stopping.abort();
  });
  const chronicle = await openChronicle(
    directory,
    options.redactor,
    error => options.onTrouble?.(error),
    async () => wayHomeOf(directory, plan, journal.state),
  );
  journal.onEvent(event => chronicle.event(event));
  let engine: Engine | undefined;
  const onCommand = (record: CommandRecord): void => {
    chronicle.command(record);
    engine?.ran(record);
    options.onRan?.(shownRecord(options.redactor.value(record)));
  };
  const servers = openSqlServers({
    ...{ plan, secrets, onCommand, clock: options.clock },
    state: () => journal.state,
    mayGoOn: () => {
      if (isLost) throw cancelled('the lock went to another landfall');
    },
  });
  const hosts = createHosts({
    runtime: { evacuation: plan.name },
    configFile,
    agentSocket: options.agentSocket,
    clock: options.clock,
    redactor: options.redactor,
    onCommand,
    resolve: id => addressOf(plan, journal.state, id),
  });
  const mirror = openMirror({
    plan,
    directory: directory.path,
    state: () => journal.state,
    host: async id =>
      isLost ? Promise.reject(cancelled('the lock went to another landfall')) : hosts.get(id),
    append: event => journal.append(event),
    clock: options.clock,
    by: `${options.owner.user}@${options.owner.host}:${options.owner.pid}`,
    landfall: options.landfallVersion,
  });
  journal.onEvent(event => mirror.event(event));
  const sample = (taken: Sample): void => {
    engine?.sample(taken);
    options.onSample?.(taken);
  };
  let farewell = 'failed';
  const watch = new AbortController();
  let watching: Promise<unknown> = Promise.resolve();
  let stopped = false;
  const stop = (): void => {
    stopped = true;
    stopping.abort();
  };
  try {
    const emit = async (event: EventBody): Promise<void> => void (await journal.append(event));
    const surroundings = new Surroundings({
      ...{ plan: options.plan, emit, clock: options.clock, env: options.env ?? {} },
      state: () => journal.state,
      host: async id => hosts.get(id),
      resolver: options.resolver ?? systemResolver(),
      onTrouble: error => options.onTrouble?.(error),
    });
    if (options.engine !== undefined) {
      engine = await serve(options, options.engine, directory.path, journal, stop, () => surroundings.look());
    }
    await journal.append(beginning(options, journal.state, keys));
    await orderCutover(options, journal);
    const keepLog = async (name: string, content: Uint8Array): Promise<void> =>
      void (await directory.writeArtifact(`logs/${name}`, content));
    const watched = AbortSignal.any([signal, watch.signal]);
    const databases = watchDatabases({
      plan: goesToDatabases(options) ? plan : { ...plan, databases: {} },
      ...{ emit, keepLog, onSample: sample, sql: servers.hands },
      ...{ clock: options.clock, random: options.random },
      state: () => journal.state,
      onTrouble: error => options.onTrouble?.(error),
      signal: watched,
    });
    // An errand without an engine is over too soon for what stands around it to matter.
    const around = engine === undefined ? Promise.resolve() : surroundings.watch(watched);
    const scheduled = isErrand(options) ? undefined : keepSchedule(options, engine, journal, watched);
    // Where one of them cannot write the journal, neither can the conductor.
    const halt = (): void => stopping.abort();
    const world = { state: () => journal.state, host: async (id: string) => hosts.get(id) };
    const sparing = engine && keepCare(options, engine, { ...world, plan, emit, onSample: sample }, watched);
    const beside = [databases, around, scheduled, sparing];
    watching = Promise.all(beside.map(each => each?.catch(halt)));
    const outcome = await conduct({
      plan,
      journal: { state: () => journal.state, append: emit },
      stepsOf: view => listed(options, view),
      contextOf: step =>
        contextFor(step, {
          plan,
          evacuation: plan.name,
          planText: options.plan.text,
          state: () => journal.state,
          // What a step puts right before it ends is its successor's to do then.
          host: async id =>
            isLost ? Promise.reject(cancelled('the lock went to another landfall')) : hosts.get(id),
          sql: servers.hands,
          ...{ emit, keepLog, onSample: sample },
          clock: options.clock,
          random: options.random,
        }),
      budget: budgetOf(plan),
      clock: options.clock,
      signal,
      onOver: step => engine?.over(step),
      ...(engine === undefined ? {} : { controls: engine.controls, mayEnd: engine.mayEnd }),
      ...(options.engine === undefined ? {} : { nextWhenIdle: idlePolicy(options.engine) }),
    });
    watch.abort();
    await watching;
    await engine?.dismiss();
    await mirror.settle();
    const ending = endOf(outcome, stopped && isAllDone(options, journal.state, outcome));
    await journal.append({ type: 'evacuation.ended', outcome: ending });
    farewell = ending;
    return { state: journal.state, outcome, directory: directory.path, stopped };
  } catch (error) {
    farewell = `failed: ${asLandfallError(error).facts.what}`;
    throw error;
  } finally {
    watch.abort();
    await watching;
    await engine?.close(farewell);
    await mirror.close();
    await hosts.closeAll();
    await servers.closeAll();
    await chronicle.close().finally(() => journal.close());
  }
}

async function serve(
  options: EvacuateOptions,
  { until, onServing }: EngineOptions,
  directory: string,
  journal: Journal,
  stop: () => void,
  look: () => void,
): Promise<Engine> {
  const { plan } = options.plan;
  const engine = await startEngine({
    plan,
    directory,
    journal,
    facts: { pid: options.owner.pid, host: options.owner.host, landfall: options.landfallVersion, until },
    steps: () => listed(options, { plan, state: journal.state }),
    clock: options.clock,
    redactor: options.redactor,
    stop,
    look,
    onTrouble: error => options.onTrouble?.(error),
  });
  onServing?.({
    socket: join(directory, SOCKET_NAME),
    directory,
    note: async (text, by) => void (await journal.append({ type: 'note.added', text }, by)),
    order: (command, by) => engine.order(command, by),
  });
  return engine;
}

/** The start as the journal tells it; stages are held back from the first one on, later starts find that recorded. */
function beginning(options: EvacuateOptions, state: State, controlKeys: string[]): EventBody[] {
  const { pid, host } = options.owner;
  const hold = options.engine?.hold ?? [];
  const isFirst = (state.evacuation?.starts ?? 0) === 0;
  return [
    { type: 'evacuation.started', pid, host, landfall: options.landfallVersion, controlKeys },
    ...(options.anotherPass === undefined ? [] : passRequests(state, options.anotherPass)),
    ...(options.due ?? []).map(each => ({ type: 'pass.requested' as const, ...each })),
    ...(options.prove === undefined ? [] : proofRequests(state, options.prove)),
    ...(options.measure ?? []).map(machine => ({ type: 'exposure.requested' as const, machine })),
    ...(options.database === undefined ? [] : databaseOrders(options, options.database.command, state)),
    ...(isFirst && hold.length > 0 ? [{ type: 'stages.held' as const, phases: [...hold] }] : []),
  ];
}

/** The order that this engine was started for, decided as a desk decides it; throws what the desk would refuse. */
function databaseOrders(
  { plan, clock, owner }: EvacuateOptions,
  command: CommandOf<'database'>,
  state: State,
): readonly EventBody[] {
  const view = { plan: plan.plan, state };
  const by = `${owner.user}@${owner.host}`;
  return tryOrder(command, { ...view, now: clock.now(), by, steps: stepsOf(view) }).events;
}

/** The orders of the cutover that this engine was started for, each decided as a desk decides it, in the engineer's name. */
async function orderCutover({ plan, clock, cutover }: EvacuateOptions, journal: Journal): Promise<void> {
  const { commands = [], by = '' } = cutover ?? {};
  for (const command of commands) {
    const view = { plan: plan.plan, state: journal.state };
    const { events } = tryOrder(command, { ...view, now: clock.now(), by, steps: stepsOf(view) });
    if (events.length > 0) await journal.append(events, by);
  }
}

/** The steps that this engine is for; a cutover that is ordered of any engine is carried out by it. */
function listed(options: EvacuateOptions, view: View): Step[] {
  const { prove, measure, database, cutover, phases, narrow = all => [...all] } = options;
  if (cutover !== undefined) return cutoverStepsOf(view);
  if (measure !== undefined) return measureStepsOf(view);
  if (prove === undefined && database === undefined) return narrow(stepsOf(view, phases));
  const errand =
    prove !== undefined
      ? proofStepsOf(view)
      : databaseStepsOf(view, database?.command.order ?? 'assess', database?.databases ?? []);
  const known = new Set(errand.map(({ id }) => id));
  return [...errand, ...cutoverStepsOf(view).filter(({ id }) => !known.has(id))];
}

/** An engine that was started for one thing does not keep the rest fresh. */
const isErrand = (options: EvacuateOptions): boolean => ERRANDS.some(errand => options[errand] !== undefined);
const ERRANDS = ['prove', 'measure', 'database', 'cutover', 'phases'] as const;

/** An engine that only waited for orders was not cancelled in its work when it was told to end. */
function isAllDone(options: EvacuateOptions, state: State, { done, failed }: Outcome): boolean {
  const known = new Set(done);
  return (
    failed.length === 0 &&
    listed(options, { plan: options.plan.plan, state }).every(({ id }) => known.has(id))
  );
}

function endOf(outcome: Outcome, isDone: boolean): 'complete' | 'partial' | 'failed' | 'cancelled' {
  if (outcome.cancelled && !isDone) return 'cancelled';
  if (outcome.failed.length + outcome.blocked.length + outcome.held.length === 0) return 'complete';
  return outcome.done.length > 0 ? 'partial' : 'failed';
}

const goesToDatabases = ({ prove, database, phases }: EvacuateOptions): boolean =>
  prove === undefined && (database !== undefined || (phases?.includes('database') ?? true));

/** The passwords of the databases, where this run goes to one; all of them are asked before anything is made. */
async function secretsOf(options: EvacuateOptions): Promise<Secrets> {
  const { plan, file } = options.plan;
  return resolveSecrets(
    { file, plan: goesToDatabases(options) ? plan : { ...plan, databases: {} } },
    { env: options.env ?? {}, redactor: options.redactor },
  );
}

/** One more pass for every machine that has had one and has none asked for yet. */
export function passRequests(state: State, reason: string): EventOf<'pass.requested'>[] {
  return Object.entries(state.machines)
    .filter(
      ([, { passes, requested }]) => requested === undefined && passes.some(pass => pass.ended !== undefined),
    )
    .map(([machine]) => ({ type: 'pass.requested', machine, reason }));
}

/** One proof for each of these machines that has none asked for or under way. */
export function proofRequests(
  state: State,
  { machines, reason }: { readonly machines: readonly string[]; readonly reason: string },
): EventOf<'proof.requested'>[] {
  return machines
    .filter(machine => dueProof({ state }, machine) === undefined)
    .map(machine => ({ type: 'proof.requested', machine, reason }));
}
