import { LandfallError } from '../../foundation/errors.ts';
import { counted } from '../../foundation/units.ts';
import type { Argv } from '../../remote/host.ts';
import { describe } from '../../step/action.ts';
import type { StepContext } from '../../step/step.ts';
import type { Difference } from '../differences.ts';
import { discard } from '../follow.ts';
import type { JobAction } from '../pass-actions.ts';
import { isChosen, type Rotation } from './sample.ts';
import { createSumsReader, type Sum, type SumsPlan } from './sums.ts';

/** Files without which a machine does not start or cannot be trusted: always compared, whatever is drawn. */
const ALWAYS = [
  '/boot',
  '/etc',
  '/bin',
  '/sbin',
  '/usr/bin',
  '/usr/sbin',
  '/lib/modules',
  '/usr/lib/modules',
  '/usr/lib/systemd',
].map(path => `${path}/`);

export interface Contents {
  /** Regular files of the replica. */
  readonly of: number;
  /** Files whose contents were compared, and those of them that chance had drawn. */
  readonly compared: number;
  readonly drawn: number;
  readonly bytes: number;
  readonly differences: readonly Difference[];
}

export interface ContentsRequest {
  readonly mountpoint: string;
  readonly plan: SumsPlan;
  /** Without it every file is compared. */
  readonly rotation: Rotation | undefined;
  /** Names that are known to differ already, as latin1 text. */
  readonly known: ReadonlySet<string>;
}

/** Compares the contents of a file system's files: of all, or of those that are drawn and those that must be right. */
export async function compareContents(
  context: StepContext,
  request: ContentsRequest,
  signal: AbortSignal,
): Promise<Contents> {
  const { plan } = request;
  await takeAway(context, plan, signal);
  const { chosen, of } = await choose(context, request, signal);
  if (chosen.length === 0) return { of, compared: 0, drawn: 0, bytes: 0, differences: [] };
  const list = Buffer.concat(chosen.flatMap(({ path }) => [path, NUL]));
  for (const action of plan.lists) await context.perform(action, { stdin: list, signal });
  context.sample({
    text: `comparing the contents of ${counted(chosen.length, 'file')} of ${request.mountpoint}`,
  });
  const [source, replica] = await Promise.all(
    plan.jobs.map(job => sumsOf(context, job, chosen.length, signal)),
  );
  await takeAway(context, plan, signal);
  return { of, ...judge(chosen, source ?? [], replica ?? [], request.known) };
}

/** Stops what runs of it on both sides, and removes it. */
export async function takeAway(context: StepContext, plan: SumsPlan, signal?: AbortSignal): Promise<void> {
  await Promise.all(plan.jobs.map(job => discard(context, job)));
  for (const action of plan.clear) await context.perform(action, signal === undefined ? {} : { signal });
}

const NUL = Buffer.from([0]);
const PARTIAL = Buffer.from('/.rsync-partial/');

interface Chosen {
  readonly path: Buffer;
  /** Drawn by chance, not only because it must be right. */
  readonly isDrawn: boolean;
}

/** Names from the root of the file system, with `./` in front: one that begins with a dash stays a name. */
async function choose(
  context: StepContext,
  { mountpoint, plan, rotation }: ContentsRequest,
  signal: AbortSignal,
): Promise<{ chosen: Chosen[]; of: number }> {
  const chosen: Chosen[] = [];
  let of = 0;
  const salt = Buffer.from(`${mountpoint}\0`);
  const cutter = createNameCutter(path => {
    const name = path.subarray(2);
    // What is left of a broken transfer is no file of the source.
    if (path.includes(PARTIAL) || plan.leavesOut(name)) return;
    of += 1;
    const isDrawn = rotation === undefined || isChosen(rotation, Buffer.concat([salt, name]));
    if (isDrawn || isVital(mountpoint, name)) chosen.push({ path, isDrawn });
  });
  const host = await context.host(plan.names.host);
  const [program, ...args] = plan.names.argv;
  const argv: Argv = [program, ...args];
  const end = await host.stream(argv, { onStdout: cutter, signal });
  // find ends with 1 where something vanished under it: a replica does not change while it is compared.
  if (end.code !== 0)
    throw new LandfallError('remote.command-failed', {
      what: `the files of the replica of ${mountpoint} could not be listed (code ${end.code ?? 'none'})`,
      where: { host: host.id, command: describe(plan.names) },
      next: ['try again: landfall retry', `look at the disk of ${host.id}: dmesg`],
    });
  return { chosen, of };
}

/** Cuts a stream of names that each end with NUL, wherever its chunks end. */
function createNameCutter(onName: (name: Buffer) => void): (chunk: Uint8Array) => void {
  let rest: Buffer = Buffer.alloc(0);
  return chunk => {
    rest = Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = rest.indexOf(0, from); end >= 0; end = rest.indexOf(0, from)) {
      // A copy: a view would keep the whole chunk in memory for the sake of one name.
      onName(Buffer.from(rest.subarray(from, end)));
      from = end + 1;
    }
    rest = Buffer.from(rest.subarray(from));
  };
}

function isVital(mountpoint: string, name: Buffer): boolean {
  const path = `${mountpoint === '/' ? '' : mountpoint}/${name.toString('latin1')}`;
  return ALWAYS.some(directory => path.startsWith(directory));
}

/** The sums of one side, one for each name. */
async function sumsOf(
  context: StepContext,
  action: JobAction,
  count: number,
  signal: AbortSignal,
): Promise<readonly (Sum | undefined)[]> {
  const job = await context.perform(action);
  const reader = createSumsReader();
  const end = await job.follow({
    signal,
    onOut: reader.push,
    onLink: (state, detail) =>
      context.sample({
        text:
          state === 'lost'
            ? `${action.host}: the control connection is lost, the comparison goes on without it (${detail})`
            : `${action.host}: the control connection is back`,
      }),
  });
  if (end.code === 0 && reader.sums.length === count && !reader.unreadable) return reader.sums;
  throw new LandfallError('sync.unreadable-output', {
    what: `${action.host} gave ${reader.sums.length} sums for ${counted(count, 'file')} (code ${end.code})`,
    why: 'a file without a sum was not compared',
    where: { host: action.host, command: `remote job ${action.job}` },
    evidence: (await job.output('err', 4096)).toString('utf8').split('\n').slice(-5),
    next: ['try again: landfall retry', `check that xargs, stat, dd and sha256sum work on ${action.host}`],
  });
}

function judge(
  chosen: readonly Chosen[],
  source: readonly (Sum | undefined)[],
  replica: readonly (Sum | undefined)[],
  known: ReadonlySet<string>,
): Omit<Contents, 'of'> {
  const differences: Difference[] = [];
  let compared = 0;
  let drawn = 0;
  let bytes = 0;
  for (const [index, { path, isDrawn }] of chosen.entries()) {
    const here = source[index];
    const there = replica[index];
    // What the source does not have (any more) is no matter of contents: the comparison by names has told it.
    if (here === undefined) continue;
    if (here.sum === undefined) {
      // It is there and was not compared: silence about it would be a false proof.
      differences.push({ name: path.subarray(2), change: 'unreadable at the source', isDeletion: false });
      continue;
    }
    compared += 1;
    if (isDrawn) drawn += 1;
    bytes += here.size;
    if (here.sum === there?.sum) continue;
    const relative = path.subarray(2);
    if (known.has(relative.toString('latin1'))) continue;
    differences.push({ name: relative, change: 'contents', isDeletion: false });
  }
  return { compared, drawn, bytes, differences };
}
