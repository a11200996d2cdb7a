import { LandfallError } from '../../foundation/errors.ts';
import { formatBytes, formatRate } from '../../foundation/units.ts';
import type { EventOf } from '../../journal/events.ts';
import type { LinkRun } from '../../journal/facts-site.ts';
import type { Action } from '../../step/action.ts';
import type { Step, StepContext, View } from '../../step/step.ts';
import { parsePool, parseXml } from '../../tools/libvirt-xml.ts';
import { lookBetween } from '../movers/blocks/between.ts';
import { publicPart } from '../path/opening.ts';
import { isRelayed, openRelay } from '../relay.ts';
import { type Found, type LinkActions, type LinkBounds, linkActions, linkId, linkRelay } from './actions.ts';
import { readCipher, readDisk, readRoom, readRun, readTrip } from './answers.ts';
import { bottleneckOf } from './bottleneck.ts';
import type { LinkPair } from './pairs.ts';

/** The measurement of the line between two hypervisors: a path of its own, a few short runs, and nothing left of it. */

type Exec = Action & { readonly kind: 'exec' };
/** A run and its logins, on a line that gives nearly nothing. */
const PATIENCE_MS = 60_000;

/** A step is for one measurement: it remembers what it finds. */
export function linkStep(pair: LinkPair, bounds: LinkBounds): Step {
  const { limit } = bounds;
  let found: Found = {};
  const actions = (view: View): LinkActions => linkActions(view, pair, bounds, found);
  return {
    id: linkId(pair),
    phase: 'check',
    subject: pair.from,
    title: `measure the line between ${pair.from} and ${pair.to}`,
    needs: [],
    resources: [],
    repeats: true,
    preview: view => listed(actions(view)),
    done: async () => false,
    async run(context, signal) {
      found = {};
      const tidy = (when: AbortSignal): Promise<void> => clean(context, actions(context), when);
      await tidy(signal);
      try {
        const learn = (more: Found): LinkActions => {
          found = { ...found, ...more };
          return actions(context);
        };
        await context.emit(await measure(context, pair, { limit, learn, signal }));
      } finally {
        // Also after Ctrl-C: what was made goes.
        await tidy(AbortSignal.timeout(PATIENCE_MS));
      }
    },
  };
}

function listed(all: LinkActions): Action[] {
  const { clean, key, looks, clock, domain, pool, open, trip, runs, read, write, cipher } = all;
  const measuring = [read, write, trip, ...runs.map(({ action }) => action), ...cipher];
  return [...clean, key, ...looks, clock, domain, pool, ...open, ...measuring, ...clean];
}

async function clean(context: StepContext, { clean: all }: LinkActions, signal: AbortSignal): Promise<void> {
  for (const action of all) await context.perform(action, { signal });
}

interface Hands {
  readonly limit: number | undefined;
  /** The actions, with what has become known. */
  readonly learn: (more: Found) => LinkActions;
  readonly signal: AbortSignal;
}

async function measure(
  context: StepContext,
  pair: LinkPair,
  { limit, learn, signal }: Hands,
): Promise<EventOf<'link.measured'>> {
  const say = (text: string): void => context.sample({ text });
  say('opening a path of its own, with a key for a quarter of an hour');
  await open(context, pair, learn, signal);
  const relay = isRelayed(context) ? await openRelay(context, linkRelay(context, pair)) : undefined;
  try {
    const notes: string[] = [];
    const ask = async (action: Exec): Promise<string> => {
      const { stdout } = await context.perform(action, { signal, codes: ANSWERS, timeoutMs: PATIENCE_MS });
      return stdout.toString('latin1');
    };
    const actions = await places(learn, ask);
    say(`reading a little of a disk of ${pair.machine} on ${pair.from}`);
    const sourceRead = hasPlace(actions.read) ? readDisk(await ask(actions.read)) : undefined;
    if (sourceRead === undefined) notes.push("the source's disk could not be read past its cache");
    say(`writing a little into the pool on ${pair.to}`);
    const wrote = hasPlace(actions.write) ? await ask(actions.write) : '';
    const room = readRoom(wrote);
    const targetWrite = readDisk(wrote);
    if (room !== undefined)
      notes.push(`nothing was written at the target: ${formatBytes(room)} are free there`);
    else if (targetWrite === undefined) notes.push("the target's pool could not be written past its cache");
    say('round trips');
    const roundTripMs = readTrip(await ask(actions.trip));
    const runs: { readonly forth: boolean; readonly run: LinkRun }[] = [];
    for (const { action, forth, streams } of actions.runs) {
      say(`${action.note ?? ''}: at most 4 s${limit === undefined ? '' : `, at most ${formatRate(limit)}`}`);
      const run = readRun(await ask(action), streams);
      if (run === undefined) notes.push(`not measured: ${action.note ?? ''}`);
      else runs.push({ forth, run });
    }
    if (runs.length === 0) throw nothingCame(pair);
    say('what a CPU encrypts in a second');
    const ciphers = (await Promise.all(actions.cipher.map(ask))).flatMap(text => readCipher(text) ?? []);
    if (relay !== undefined) notes.push('through the machine that runs landfall (link.path: relay)');
    const figures = {
      forth: runs.filter(({ forth }) => forth).map(({ run }) => run),
      ...(sourceRead === undefined ? {} : { sourceRead }),
      ...(targetWrite === undefined ? {} : { targetWrite }),
      ...(ciphers.length === 0 ? {} : { cipher: Math.min(...ciphers) }),
      ...(roundTripMs === undefined ? {} : { roundTripMs }),
      ...(limit === undefined ? {} : { heldTo: limit }),
    };
    const { bottleneck, why } = bottleneckOf(figures);
    return {
      ...{ type: 'link.measured', from: pair.from, to: pair.to, ...figures, bottleneck },
      back: runs.filter(({ forth }) => !forth).map(({ run }) => run),
      why: [why, ...notes].join('; '),
    };
  } finally {
    await relay?.close();
  }
}

/** A script that could not do its work says so by what it does not print. */
const ANSWERS = [0, 1, 2, 124, 125, 126, 127, 137, 255];

const hasPlace = (action: Exec): boolean => action.argv.every(word => typeof word === 'string');

async function open(
  context: StepContext,
  pair: LinkPair,
  learn: Hands['learn'],
  signal: AbortSignal,
): Promise<void> {
  const { key, clock } = learn({});
  const { stdout } = await context.perform(key, { signal });
  const publicKey = publicPart(stdout.toString());
  const between = await lookBetween(context, pair.machine, signal);
  const targetClock = Number((await context.perform(clock, { signal })).stdout.toString('latin1').trim());
  if (publicKey === undefined || !Number.isSafeInteger(targetClock)) {
    const host = publicKey === undefined ? pair.from : pair.to;
    throw new LandfallError('remote.answer-unreadable', {
      what: publicKey === undefined ? `ssh-keygen on ${host} made no readable key` : `${host} tells no time`,
      where: { host },
      next: [
        publicKey === undefined
          ? 'check that /run of that hypervisor has free space and that ssh-keygen works there'
          : `look on ${host}: date +%s`,
      ],
    });
  }
  for (const action of learn({ publicKey, between, targetClock }).open) {
    if (action.kind === 'write') await context.perform(action);
    if (action.kind === 'exec') await context.perform(action, { signal });
  }
}

/** Where a disk of the machine lies, and where its replica would. */
async function places(learn: Hands['learn'], ask: (action: Exec) => Promise<string>): Promise<LinkActions> {
  const { domain, pool } = learn({});
  const disk = diskOf(await ask(domain));
  const directory = parsePool(await ask(pool))?.path;
  return learn({
    ...(disk === undefined ? {} : { disk }),
    ...(directory?.startsWith('/') === true && !directory.startsWith('/dev') ? { pool: directory } : {}),
  });
}

/** The first disk that is a file or a device of the host. */
function diskOf(xml: string): string | undefined {
  const disks = parseXml(xml)?.child('domain', 'devices').children('disk') ?? [];
  return disks
    .filter(disk => (disk.attribute('device') ?? 'disk') === 'disk')
    .map(disk => disk.child('source').attribute('file') ?? disk.child('source').attribute('dev') ?? '')
    .find(path => path.startsWith('/'));
}

const nothingCame = ({ from, to }: LinkPair): LandfallError =>
  new LandfallError('ssh.unreachable', {
    what: `no transfer between ${from} and ${to} came to its end`,
    why: 'copies by blocks take the same way: they would fail, too',
    where: { host: from },
    next: [
      `try on ${from}: ssh to the address of ${to} (hypervisors.${to}.data_address in the plan)`,
      'where the sites cannot see each other: link.path: relay in the plan',
    ],
  });
