import {
  copiedMounts,
  fixupActions,
  putInActions,
  REPLICA_ROOT,
  readTreeAction,
  receiverHost,
  replicaVolumes,
  stepsBeforeBoot,
  takeOutActions,
  targetHypervisor,
  targetOf,
  unfitted,
} from '../build/index.ts';
import { LandfallError } from '../foundation/errors.ts';
import { decodeSections, readGuest } from '../inventory/index.ts';
import type { Host } from '../remote/host.ts';
import { type Action, fact } from '../step/action.ts';
import { moverOf } from '../step/mover.ts';
import { LINK_RETRY } from '../step/retry.ts';
import type { Step, StepContext, View } from '../step/step.ts';
import { finishMerge, finishMergeActions } from '../sync/index.ts';
import { bootCopy, guestOf, heldOf } from './boot-copy.ts';
import { pieceArgv } from './console-files.ts';
import { consoleLines } from './console-text.ts';
import { deedsOf, overlaysOf } from './deeds.ts';
import { type Evidence, evidenceOf, isComplete } from './evidence.ts';
import { judge, standsInTheWay, verdictOf } from './judge/index.ts';
import type { Expected, Seen } from './judge/subject.ts';
import { clearings, findCopy, findIsland } from './leftovers.ts';
import { consoleFile, consoleLog, evidenceFile, evidenceLog, islandName, proofStepId } from './names.ts';
import { putBack } from './put-back.ts';
import { reasonOf } from './reasons.ts';
import { comparedLines, type Fingerprint, fingerprintActions, fingerprints } from './replica-evidence.ts';
import { awaitRunningPass } from './running-pass.ts';
import { agentArgv, screenArgv, type Watched } from './watch.ts';

/**
 * `prove/<m>/proof-<n>`: a throw-away overlay of the replica boots on a network without a way out and answers for
 * itself. A copy that does not boot is an answer, too: the step is done then, and its verdict is in the journal. It
 * fails only where the question could not be asked.
 *
 * `done` asks the journal: whether a copy booted an hour ago cannot be seen in the world any more.
 */
export function proofStep(view: View, machine: string, number: number): Step {
  const { hypervisor } = targetOf(view.plan, machine);
  return {
    id: proofStepId(machine, number),
    phase: 'prove',
    subject: machine,
    title: `proof ${number} of ${machine}: boot an overlay of the replica, isolated, and collect evidence`,
    needs: stepsBeforeBoot(view, machine),
    resources: [
      { key: `replica:${machine}`, units: 1 },
      { key: `proof:${hypervisor}`, units: 1 },
      { key: `host:${hypervisor}`, units: 1 },
    ],
    // What could not be put back is put back by these, before any pass writes.
    ...(moverOf(view, machine) === 'files'
      ? { disturbs: [`build/${machine}/attach`, `build/${machine}/prepare`] }
      : {}),
    retry: LINK_RETRY,
    preview: now => preview(now, machine, number),
    done: context => Promise.resolve(recordOf(context, machine, number)?.ended !== undefined),
    run: (context, signal) => run(context, machine, number, signal),
    // Nothing of a boot can be kept: it is given up, the replica is put back, and it begins anew when it may.
    async halt(context) {
      if (recordOf(context, machine, number) === undefined) return;
      const host = await targetHypervisor(
        context,
        targetOf(context.plan, machine),
        new AbortController().signal,
      );
      await putBack(context, host, machine, undefined);
    },
  };
}

const recordOf = ({ state }: View, machine: string, number: number) =>
  state.machines[machine]?.proofs?.find(({ proof }) => proof === number);

async function run(
  context: StepContext,
  machine: string,
  number: number,
  signal: AbortSignal,
): Promise<void> {
  const host = await targetHypervisor(context, targetOf(context.plan, machine), signal);
  const pass = newestPass(context, machine);
  const deeds = deedsOf(context, machine);
  // What bears a name of ours and is not ours is found before anything is taken apart.
  await findCopy(context, host, deeds, machine, signal);
  await findIsland(context, host, deeds, machine, signal);
  await awaitRunningPass(context, machine, signal);
  const nonce = Buffer.from(context.random.bytes(8)).toString('hex');
  await context.emit({ type: 'proof.started', machine, proof: number, pass, domain: deeds.domain, nonce });

  let before: Fingerprint[] | undefined;
  const booted = await settled(async () => {
    // What an earlier attempt left; the replica comes out of its receiver with it.
    for (const clear of Object.values(clearings(context, host, deeds, machine))) await clear(signal);
    // Between two passes a replica is the copy of no instant: whether that boots would say nothing.
    await finishMerge(context, machine, signal);
    before = await fingerprints(host, context, machine, signal);
    return bootCopy(context, host, machine, nonce, signal);
  });
  const back = await settled(() => putBack(context, host, machine, before));
  // Why it could not be asked matters more than what is left of the attempt.
  if (!booted.ok) throw booted.thrown;
  if (!back.ok) throw back.thrown;
  const { touched } = back.value;
  await conclude(context, host, machine, number, {
    watched: booted.value,
    touched,
    compared: comparedLines(before ?? []),
  });
}

type Settled<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly thrown: unknown };

async function settled<T>(work: () => Promise<T>): Promise<Settled<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (thrown) {
    return { ok: false, thrown };
  }
}

interface Outcome {
  readonly watched: Watched;
  readonly touched: readonly string[] | undefined;
  readonly compared: readonly string[];
}

/** Judges what was seen, keeps what was said, and writes down the verdict. */
async function conclude(
  context: StepContext,
  host: Host,
  machine: string,
  number: number,
  { watched, touched, compared }: Outcome,
): Promise<void> {
  const record = recordOf(context, machine, number);
  const limitMs = context.plan.proof.boot_within;
  const lines = consoleLines(watched.console.toString('utf8'));
  const { end, screen, kernelMs, userspaceMs, evidenceMs, agentMs, agentWords } = watched;
  const evidence = evidenceIn(watched.evidence.toString('utf8'), host.id);
  const seen: Seen = {
    console: lines,
    touched,
    compared,
    ...given({ kernelMs, userspaceMs, evidenceMs, agentMs, agentWords, evidence }),
  };
  const expected = expectedOf(context, machine, record?.nonce ?? '');
  const checks = judge(expected, seen);
  const verdict = verdictOf(checks, expected);
  const inTheWay = standsInTheWay(checks, expected);
  const isOutside = expected.unfitted !== undefined;
  const reason = reasonOf({ machine, checks: inTheWay, console: lines, screen, end, limitMs, isOutside });
  const log = consoleLog(machine, number);
  await context.keepLog(log, withScreen(watched));
  if (watched.evidence.length > 0) await context.keepLog(evidenceLog(machine, number), watched.evidence);
  const startedAt = record?.startedAt ?? context.clock.now();
  await context.emit({
    type: 'proof.ended',
    machine,
    proof: number,
    pass: record?.pass ?? 0,
    verdict,
    startedAt,
    ms: Math.max(0, context.clock.now() - startedAt),
    checks,
    ...(verdict === 'failed' && reason !== undefined ? { reason } : {}),
    console: log,
  });
}

/** Only members that have a value: optional ones are absent, never undefined. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  // What is left has exactly the keys of T, each with a value that is not undefined.
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function evidenceIn(text: string, host: string): Evidence | undefined {
  if (!isComplete(text)) return undefined;
  try {
    return evidenceOf(decodeSections(text, host), answers => readGuest(answers, host).facts);
  } catch (error) {
    // A copy whose collector was cut off has not answered for itself: that is a verdict, not a fault of ours.
    if (error instanceof LandfallError && error.code.startsWith('remote.')) return undefined;
    throw error;
  }
}

function withScreen({ console, screen }: Watched): Buffer {
  if (screen.length === 0) return console;
  return Buffer.concat([console, Buffer.from(`\n-- its screen, as text --\n${screen.join('\n')}\n`)]);
}

function expectedOf(context: StepContext, machine: string, nonce: string): Expected {
  const why = unfitted(context, machine);
  return {
    machine,
    nonce,
    guest: guestOf(context, machine),
    copied: copiedMounts(context, machine),
    held: heldOf(context, machine),
    checks: context.plan.machines[machine]?.checks ?? [],
    island: islandName(context.evacuation, machine),
    limitMs: context.plan.proof.boot_within,
    ...(why === undefined ? {} : { unfitted: why }),
  };
}

function newestPass({ state }: View, machine: string): number {
  const pass = state.machines[machine]?.passes.findLast(({ ended }) => ended !== undefined)?.pass;
  if (pass !== undefined) return pass;
  throw new LandfallError('prove.impossible', {
    what: `${machine} has no complete copy yet that could boot`,
    where: { machine },
    next: ['let its first pass end, then order the proof again'],
  });
}

/** In the order of the run; what the fix-ups change is known once the copied system was read. */
function preview(view: View, machine: string, number: number): Action[] {
  const deeds = deedsOf(view, machine);
  const { site } = deeds;
  const receiver = receiverHost(machine);
  const read = (argv: readonly string[], note?: string): Action => ({
    kind: 'exec',
    host: site.hypervisor,
    argv,
    reads: true,
    ...(note === undefined ? {} : { note }),
  });
  const overlays = replicaVolumes(view, machine) === undefined ? undefined : overlaysOf(deeds);
  const isFitted = unfitted(view, machine) === undefined;
  const [console, evidence] = [consoleFile, evidenceFile].map(file => file(evacuationName(view), machine));
  return [
    read(['cat', '/etc/machine-id']),
    read(site.read('dumpxml', deeds.domain), 'what an earlier attempt left is taken away first'),
    deeds.destroyDomain,
    ...(isFitted ? takeOutActions(view, machine) : []),
    ...deeds.overlays.flatMap(({ volume, remove }) => [
      read(site.read('vol-dumpxml', '--pool', volume.pool, volume.volume)),
      remove,
    ]),
    read(site.read('net-list', '--all', '--name')),
    read(site.read('net-dumpxml', deeds.island)),
    deeds.destroyIsland,
    deeds.removeFiles,
    ...finishMergeActions(view, machine),
    ...fingerprintActions(view, machine, site.hypervisor),
    deeds.directory,
    ...deeds.overlays.map(({ create }) => create),
    ...(isFitted
      ? [
          ...putInActions(view, machine, overlays),
          readTreeAction(receiver, REPLICA_ROOT),
          ...fixups(view, machine, number),
        ]
      : []),
    deeds.islandXml,
    deeds.createIsland,
    deeds.domainXml,
    deeds.createDomain,
    ...(console === undefined
      ? []
      : [read(pieceArgv(console, 0), 'again and again, until it has said everything')]),
    ...(evidence === undefined ? [] : [read(pieceArgv(evidence, 0))]),
    ...(isFitted ? deeds.linksUp : []),
    read(site.read('domstate', deeds.domain)),
    read(screenArgv(view, deeds), 'the text on its screen, until a kernel speaks'),
    read(agentArgv(deeds), 'where the source has a guest agent'),
    ...(moverOf(view, machine) === 'files' ? putInActions(view, machine, replicaVolumes(view, machine)) : []),
  ];
}

const evacuationName = ({ plan, state }: View): string => state.evacuation?.name ?? plan.name;

function fixups(view: View, machine: string, number: number): Action[] {
  const receiver = receiverHost(machine);
  const planned = view.state.machines[machine]?.fixups;
  const record = recordOf(view, machine, number);
  const isOfThis = planned?.purpose === 'proof' && record !== undefined && planned.at >= record.startedAt;
  if (planned !== undefined && isOfThis) return fixupActions(receiver, REPLICA_ROOT, planned.fixups);
  return [
    {
      kind: 'exec',
      host: receiver,
      argv: [
        fact(
          undefined,
          'the fix-ups that this copy needs, in its overlay only',
          proofStepId(machine, number),
        ),
      ],
    },
  ];
}
