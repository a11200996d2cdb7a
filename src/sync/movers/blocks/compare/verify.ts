import { LandfallError } from '../../../../foundation/errors.ts';
import { tailLines } from '../../../../foundation/text.ts';
import { counted, formatBytes } from '../../../../foundation/units.ts';
import { get } from '../../../../journal/maps.ts';
import type { JobEnd, RemoteJob } from '../../../../remote/host.ts';
import { describe } from '../../../../step/action.ts';
import type { Step, StepContext, View } from '../../../../step/step.ts';
import { discard } from '../../../follow.ts';
import { stepId } from '../../../names.ts';
import { resourcesOf } from '../../../passes.ts';
import { LINK_RETRY } from '../../../retry.ts';
import { DAMAGED_SHARE, detection, isChosen, nextRotation, type Rotation } from '../../../verify/sample.ts';
import { type CompareActions, compareActions, inOrder, type JobAction } from './actions.ts';
import { createAnswerReader, type SourceAnswer } from './answers.ts';
import { listOf, type Range, rangesOf } from './ranges.ts';
import { COMPARE_EXIT } from './scripts.ts';
import { judgeRanges } from './verdict.ts';

/** Mismatches and live ranges that the journal names. */
const NAMED = 100;
/** Of what a job says on stderr. */
const SAID = 64 * 1024;

/**
 * `sync/<m>/verify-<n>` of a machine that travels by blocks: range by range, the replica against one instant of the
 * source's disks. What the source has written since pass n is known to the bitmap of its checkpoint and left out; whatever
 * else differs is damage. Where a share is compared, it is another part each time.
 */
export function verifyBlocksStep(
  view: View,
  machine: string,
  pass: number,
  needs: readonly string[] = [],
): Step {
  const share = view.plan.verify.share;
  return {
    id: stepId(machine, `verify-${pass}`),
    phase: 'sync',
    subject: machine,
    title:
      share < 1
        ? `compare a sample of ${machine}'s disks with its replica, after pass ${pass}`
        : `compare every block of ${machine}'s replica with the source, after pass ${pass}`,
    needs,
    // Only sums travel.
    resources: resourcesOf(view, machine).filter(({ key }) => key !== 'link'),
    retry: LINK_RETRY,
    preview: now => inOrder(compareActions(now, machine, pass)),
    async done(context) {
      return (context.state.machines[machine]?.verified?.pass ?? 0) >= pass;
    },
    run: (context, signal) => verify(context, machine, pass, signal),
    async halt(context) {
      await takeAway(context, compareActions(context, machine, pass));
    },
  };
}

async function verify(
  context: StepContext,
  machine: string,
  pass: number,
  signal: AbortSignal,
): Promise<void> {
  const known = get(context.state.machines, machine);
  const last = known?.passes.find(each => each.pass === pass)?.ended;
  if (last === undefined) throw new RangeError(`pass ${pass} of ${machine} has not ended`);
  const actions = compareActions(context, machine, pass);
  if (actions.disks === undefined) throw noCheckpoint(machine, pass, actions.source.host);
  const began = context.clock.monotonic();
  // One that was left behind compared another instant, or other ranges.
  await takeAway(context, actions, signal);
  let compared: Compared;
  try {
    for (const action of actions.prepare)
      await (action.kind === 'exec' ? context.perform(action, { signal }) : context.perform(action));
    compared = await compare(context, { machine, pass, actions }, signal);
  } catch (error) {
    // A pause or the end of landfall: whoever ordered it says what becomes of what runs.
    if (!signal.aborted) await takeAway(context, actions).catch(() => undefined);
    throw error;
  }
  const { mismatches, bytes } = judgeRanges(compared.chosen, compared.source.sums, compared.target.sums);
  await context.emit({
    type: 'replica.verified',
    machine,
    pass,
    passStartedAt: last.startedAt,
    ms: Math.round(context.clock.monotonic() - began),
    filesCompared: 0,
    bytesCompared: bytes,
    live: compared.live,
    livePaths: compared.livePaths,
    mismatches: named(mismatches),
    disks: actions.disks.map(({ disk }) => disk),
    ...(compared.rotation === undefined
      ? {}
      : {
          sample: {
            compared: compared.chosen.length,
            of: compared.ranges,
            unit: 'piece' as const,
            damagedShare: DAMAGED_SHARE,
            detection: detection(compared.drawn),
            rotation: compared.rotation,
          },
        }),
  });
  await takeAway(context, actions);
}

interface Request {
  readonly machine: string;
  readonly pass: number;
  readonly actions: CompareActions;
}

interface Asked {
  readonly chosen: readonly Range[];
  /** Those of the chosen that chance has drawn. */
  readonly drawn: number;
  /** All ranges of which something could be compared. */
  readonly ranges: number;
  readonly live: number;
  readonly livePaths: readonly string[] & string[];
  readonly rotation: Rotation | undefined;
}

interface Compared extends Asked {
  readonly source: SourceAnswer;
  readonly target: SourceAnswer;
}

async function compare(
  context: StepContext,
  { machine, actions }: Request,
  signal: AbortSignal,
): Promise<Compared> {
  const hasAsked = Promise.withResolvers<true>();
  let bytes = 0;
  let total = 0;
  const source = createAnswerReader(
    () => hasAsked.resolve(true),
    size => {
      bytes += size;
      context.sample({
        text: `comparing disks of ${machine}: ${formatBytes(bytes)} of ${formatBytes(total)}`,
        ...(total > 0 ? { fraction: bytes / total } : {}),
      });
    },
  );
  context.sample({ text: `asking which blocks of ${machine} were written since the pass` });
  const sourceJob = await context.perform(actions.source);
  const reading = followWhole(context, actions.source, sourceJob, source, signal);
  // Looked at below, once more; until then its failure is nobody's surprise.
  reading.catch(() => undefined);
  // An end without the question is an error that the job itself tells.
  if ((await Promise.race([hasAsked.promise, reading])) !== true) await reading;

  const asked = ask(context, machine, actions, source);
  total = asked.chosen.reduce((sum, { size }) => sum + size, 0);
  const list = listOf(asked.chosen);
  const [toSource, toTarget] = actions.lists;
  await context.perform(toTarget, { stdin: list, signal });
  await context.perform(toSource, { stdin: list, signal });
  const target = createAnswerReader();
  const targetJob = await context.perform(actions.target);
  await Promise.all([reading, followWhole(context, actions.target, targetJob, target, signal)]);
  return { ...asked, source, target };
}

/** Which ranges are compared, now that it is known what was written since. */
function ask(context: StepContext, machine: string, actions: CompareActions, source: SourceAnswer): Asked {
  const disks = (actions.disks ?? []).map(({ disk, capacity }) => {
    const written = source.written.get(disk) ?? [];
    return { disk, written, ...rangesOf({ disk, capacity, written }) };
  });
  const ranges = disks.flatMap(({ ranges }) => ranges);
  const rotation = nextRotation(
    get(context.state.machines, machine)?.verified,
    context.plan.verify.share,
    context.random,
  );
  const isDrawn = ({ disk, at }: Range): boolean =>
    rotation === undefined || isChosen(rotation, `${disk} ${at}`);
  // Partition tables stand at both ends of a disk: they are always compared.
  const ends = new Set(disks.flatMap(({ ranges }) => [ranges.at(0), ranges.at(-1)]));
  const drawn = ranges.filter(isDrawn);
  return {
    chosen: ranges.filter(range => isDrawn(range) || ends.has(range)),
    drawn: drawn.length,
    ranges: ranges.length,
    live: disks.reduce((sum, { live }) => sum + live, 0),
    livePaths: disks
      .filter(({ written }) => written.length > 0)
      .map(({ disk, written }) => {
        const bytes = written.reduce((sum, { length }) => sum + length, 0);
        return `${disk}: ${formatBytes(bytes)} written since`;
      })
      .slice(0, NAMED),
    rotation,
  };
}

/** Follows a job to a good end; anything else is an error in its own words. */
async function followWhole(
  context: StepContext,
  action: JobAction,
  job: RemoteJob,
  answer: SourceAnswer,
  signal: AbortSignal,
): Promise<JobEnd> {
  const end = await job.follow({
    signal,
    onOut: answer.push,
    onLink(state, detail) {
      context.sample({
        text:
          state === 'lost'
            ? `${action.host}: the control connection is lost, the comparison goes on without it (${detail})`
            : `${action.host}: the control connection is back`,
      });
    },
  });
  answer.end();
  const said = tailLines((await job.output('err', SAID)).toString('utf8'), 6);
  await context.keepLog(
    `${action.job}-${action.host}.log`,
    Buffer.from(`${describe(action)}\n${said.join('\n')}\n`),
  );
  if (end.code === 0 && answer.whole && answer.strange.length === 0) return end;
  throw failure(action, end.code, [...answer.strange, ...said]);
}

const WORDS: Readonly<
  Record<number, { code: 'blocks.refused' | 'blocks.scratch-full'; what: string; next: string[] }>
> = {
  [COMPARE_EXIT.refused]: {
    code: 'blocks.refused',
    what: 'libvirt refused the backup through which the disks would be compared',
    next: [
      'see whether another job runs on the domain: virsh domjobinfo',
      'where the checkpoint is broken, one more pass makes a new one: landfall sync PLAN',
    ],
  },
  [COMPARE_EXIT.space]: {
    code: 'blocks.scratch-full',
    what: 'too little room is left on the source hypervisor to keep what the guest overwrites while its disks are compared',
    next: [
      'make room in the scratch directory of the plan, or name another: hypervisors.<name>.scratch',
      'compare a sample: verify.share in the plan',
    ],
  },
};

function failure(action: JobAction, code: number, evidence: string[]): LandfallError {
  const known = WORDS[code];
  return new LandfallError(known?.code ?? 'remote.command-failed', {
    what: known?.what ?? `the comparison of disks on ${action.host} did not come to its end (code ${code})`,
    why: 'a copy that was not compared is not counted as good',
    where: { host: action.host, command: `remote job ${action.job}` },
    evidence: evidence.slice(0, 8),
    next: known?.next ?? [
      'try again: landfall retry',
      `look at the log of ${action.job} in the evacuation's directory`,
    ],
  });
}

const noCheckpoint = (machine: string, pass: number, host: string): LandfallError =>
  new LandfallError('blocks.impossible', {
    what: `the replica of ${machine} cannot be compared by blocks: no checkpoint of pass ${pass} is known`,
    why: 'without it nobody can tell what was written since from what is damaged',
    where: { host, machine },
    next: ['one more pass makes one: landfall sync PLAN'],
  });

/** Ends what runs of a comparison on both hypervisors and removes what it has made. */
async function takeAway(context: StepContext, actions: CompareActions, signal?: AbortSignal): Promise<void> {
  await Promise.all([discard(context, actions.source), discard(context, actions.target)]);
  for (const action of actions.clear) await context.perform(action, signal === undefined ? {} : { signal });
}

const named = (mismatches: readonly string[]): string[] =>
  mismatches.length <= NAMED
    ? [...mismatches]
    : [...mismatches.slice(0, NAMED), `and ${counted(mismatches.length - NAMED, 'more range')}`];
