import { LandfallError } from '../../../foundation/errors.ts';
import type { EventOf } from '../../../journal/events.ts';
import type { FileSystemFacts } from '../../../journal/facts.ts';
import type { ExecOptions, ExecResult } from '../../../remote/host.ts';
import type { Action } from '../../../step/action.ts';
import { moverOf } from '../../../step/mover.ts';
import type { Step, StepContext, View } from '../../../step/step.ts';
import { isFat, travelling } from '../../file-systems.ts';
import { linkLimit } from '../../link-limit.ts';
import { pathDirectory, stepId } from '../../names.ts';
import { excludeFacts, termsOf } from '../../pass-actions.ts';
import type { PassPlan } from '../../plan-passes.ts';
import { relayed } from '../../relay.ts';
import { LINK_RETRY } from '../../retry.ts';
import { chooseCompression, parseSample, STREAM_BYTES_PER_SECOND } from './compression.ts';
import { leftOut } from './exclude.ts';
import { compressions } from './flags.ts';
import { ROUND_TRIP_SCRIPT, SAMPLE_SCRIPT } from './scripts/survey.ts';
import { isLinked, LOOK_SCRIPT, parseLook, splitTree, without } from './shards.ts';
import { countStreams, streamRate } from './streams.ts';

/**
 * A look ahead of a full copy: how far away the receiver is, what a tree holds where, and what compression does to its
 * files. None of it is needed for a copy, so nothing of it can stand in the way of one: what could not be found out is
 * said, and the copy goes as it would without.
 */

type Survey = EventOf<'path.surveyed'>;
type ExecAction = Action & { readonly kind: 'exec' };

/** Below this, one stream has done it before several have said hello. */
export const SPLIT_LEAST = 2 * 1024 ** 3;
/** Below this, what the sample reads is a notable part of the copy. */
export const SAMPLE_LEAST = 512 * 1024 ** 2;

const surveyId = (machine: string, pass: number): string => stepId(machine, `survey-${pass}`);

/** `sync/<m>/survey-<n>`, before a full copy that is large enough to be worth it; an empty list otherwise. */
export function surveySteps(view: View, machine: string, plan: PassPlan): Step[] {
  return isDue(view, machine, plan) ? [relayed(surveyStep(view, machine, plan), machine)] : [];
}

/** The survey that a pass has to wait for. */
export const surveyBefore = (view: View, machine: string, plan: PassPlan): string[] =>
  isDue(view, machine, plan) ? [surveyId(machine, plan.pass)] : [];

function isDue(view: View, machine: string, { pass, kind }: PassPlan): boolean {
  const known = view.state.machines[machine];
  if (kind !== 'full' || moverOf(view, machine) !== 'files') return false;
  if (known?.survey?.pass === pass || known?.passes.some(each => each.pass === pass) === true) return false;
  return splittable(view, machine).length > 0 || samples(view, machine);
}

function surveyStep(view: View, machine: string, plan: PassPlan): Step {
  const hypervisor = view.plan.machines[machine]?.source.hypervisor;
  return {
    id: surveyId(machine, plan.pass),
    phase: 'sync',
    subject: machine,
    title: `find out how ${machine} travels fastest: the distance, what can go side by side, compression`,
    needs: [stepId(machine, 'path')],
    resources: hypervisor === undefined ? [] : [{ key: `host:${hypervisor}`, units: 1 }],
    retry: LINK_RETRY,
    preview: now => [
      roundTripAction(now, machine),
      ...splittable(now, machine).map(fileSystem => lookAction(machine, fileSystem)),
      ...(samples(now, machine) ? [sampleAction(now, machine)] : []),
    ],
    async done(context) {
      return context.state.machines[machine]?.survey?.pass === plan.pass;
    },
    run: (context, signal) => survey(context, machine, plan, signal),
  };
}

async function survey(
  context: StepContext,
  machine: string,
  plan: PassPlan,
  signal: AbortSignal,
): Promise<void> {
  context.sample({ text: 'how far away the receiver is' });
  const rttMs = await roundTrip(context, machine, signal);
  const limit =
    context.state.evacuation?.throttle?.bytesPerSecond ?? linkLimit(context.plan.link, context.clock.now());
  const wanted = countStreams(context, machine, { rttMs, limit });
  const shards: Survey['shards'] = [];
  for (const fileSystem of wanted.streams > 1 ? splittable(context, machine) : []) {
    context.sample({ text: `what lies where in ${fileSystem.mountpoint}` });
    const parts = await partsOf(context, machine, fileSystem, wanted.streams, signal);
    if (parts.length > 0) shards.push({ mountpoint: fileSystem.mountpoint, parts });
  }
  const streams = Math.max(1, ...shards.map(({ parts }) => parts.length + 1));
  if (samples(context, machine)) {
    context.sample({ text: 'what compression does to its files' });
    const link = Math.min(streamRate(rttMs), (limit ?? STREAM_BYTES_PER_SECOND) / streams);
    await sample(context, machine, link, signal);
  }
  const why =
    wanted.streams > 1 && streams === 1
      ? `${wanted.why}; but nothing in its trees could be split (small, in one piece, or full of hard links)`
      : wanted.why;
  await context.emit({
    type: 'path.surveyed',
    machine,
    pass: plan.pass,
    ...(rttMs === undefined ? {} : { rttMs }),
    streams,
    shards,
    why,
  });
}

function splittable({ plan, state }: View, machine: string): FileSystemFacts[] {
  if (plan.link.streams < 2) return [];
  return (travelling({ plan, state }, machine) ?? []).filter(
    ({ type, used }) => !isFat(type) && used >= SPLIT_LEAST,
  );
}

function samples(view: View, machine: string): boolean {
  if (view.plan.link.compress !== 'auto' || termsOf(view, machine) === undefined) return false;
  return sampled(view, machine).reduce((sum, { used }) => sum + used, 0) >= SAMPLE_LEAST;
}

const sampled = (view: View, machine: string): FileSystemFacts[] =>
  (travelling(view, machine) ?? []).filter(({ type }) => !isFat(type));

function roundTripAction({ plan }: View, machine: string): ExecAction {
  return {
    kind: 'exec',
    host: machine,
    argv: ['sh', '-c', ROUND_TRIP_SCRIPT, 'sh', pathDirectory(plan.name, machine)],
    note: 'how long a line takes to the receiver and back, on the path itself',
  };
}

function lookAction(machine: string, { mountpoint, used }: FileSystemFacts): ExecAction {
  return {
    kind: 'exec',
    host: machine,
    argv: ['sh', '-c', LOOK_SCRIPT, 'sh', mountpoint, String(largeFile(used))],
    reads: true,
    note: 'sizes of directories and of large files; at the lowest priority, no file is opened',
  };
}

/** A file is worth a place of its own from a part of the whole on. */
const largeFile = (used: number): number => Math.max(64 * 1024 ** 2, Math.floor(used / 64));

function sampleAction(view: View, machine: string): ExecAction {
  const terms = termsOf(view, machine);
  return {
    kind: 'exec',
    host: machine,
    argv: [
      'sh',
      '-c',
      SAMPLE_SCRIPT,
      'sh',
      pathDirectory(view.plan.name, machine),
      terms === undefined ? 'zlib' : compressions(terms).join(' '),
      ...sampled(view, machine).map(({ mountpoint }) => mountpoint),
    ],
    note: 'pieces of files, 8 MiB in all, compressed once with each choice; at the lowest priority',
  };
}

async function roundTrip(
  context: StepContext,
  machine: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const answer = await tried(context, roundTripAction(context, machine), { signal, timeoutMs: 60_000 });
  return parseRoundTrip(answer?.stdout.toString('latin1') ?? '');
}

/** The least of the answers, in milliseconds: the others waited for something. The first one is not counted. */
export function parseRoundTrip(text: string): number | undefined {
  const times = text.split('\n').filter(line => /^\d+$/.test(line));
  const later = times.slice(1).map(Number);
  return later.length === 0 ? undefined : Math.min(...later) / 1000;
}

async function partsOf(
  context: StepContext,
  machine: string,
  fileSystem: FileSystemFacts,
  streams: number,
  signal: AbortSignal,
): Promise<Survey['shards'][number]['parts']> {
  const answer = await tried(context, lookAction(machine, fileSystem), {
    signal,
    timeoutMs: 30 * 60_000,
    maxBytes: 64 * 1024 ** 2,
  });
  const weights = answer === undefined ? undefined : parseLook(answer.stdout, fileSystem.mountpoint);
  const facts = excludeFacts(context, machine, fileSystem);
  if (weights === undefined || facts === undefined) return [];
  if (isLinked(weights))
    context.sample({
      text: `${fileSystem.mountpoint} has many hard links: one stream copies it, so that it fits`,
    });
  return splitTree(without(weights, leftOut(facts)), streams).map(({ bytes, paths }) => ({
    bytes,
    paths: [...paths],
  }));
}

async function sample(
  context: StepContext,
  machine: string,
  link: number,
  signal: AbortSignal,
): Promise<void> {
  const answer = await tried(context, sampleAction(context, machine), { signal, timeoutMs: 10 * 60_000 });
  const found = parseSample(answer?.stdout.toString('latin1') ?? '');
  if (found === undefined) return;
  await context.emit({
    type: 'compression.sampled',
    machine,
    sampledBytes: found.bytes,
    ...chooseCompression(found, link),
  });
}

/** A host without one of these tools, or one that answers slowly: no reason not to copy it. */
async function tried(
  context: StepContext,
  action: ExecAction,
  options: ExecOptions,
): Promise<ExecResult | undefined> {
  try {
    return await context.perform(action, options);
  } catch (error) {
    if (!(error instanceof LandfallError) || !BEARABLE.has(error.code)) throw error;
    context.sample({ text: `${error.facts.what}; the copy goes without` });
    return undefined;
  }
}

const BEARABLE: ReadonlySet<LandfallError['code']> = new Set([
  'remote.command-failed',
  'remote.command-missing',
  'remote.timeout',
  'remote.output-too-large',
]);
