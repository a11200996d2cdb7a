import { asLandfallError, LandfallError } from '../../foundation/errors.ts';
import { holds } from '../perform.ts';
import type { Scene, Stage, Work } from '../stage.ts';
import { counters } from './counters.ts';
import { darkSever, gone, lostOf } from './dark.ts';
import { firstBackup, smoke } from './finish.ts';
import { freeze, isFrozen, quiet } from './freeze.ts';
import { guards } from './guards.ts';
import { type Hand, isDark, isReplicated, laneOf } from './hand.ts';
import { options, people } from './people.ts';
import { drained, preconditions, validated } from './proofs.ts';
import { reverseText } from './reverse.ts';
import { decision, isTailTaken, sever, severScripts } from './sever.ts';

/** What is kept for the way back. */
export const FAILBACK_SCRIPT = 'failback.sql';

const OPENING: readonly Hand[] = [counters, guards, people, options, firstBackup, smoke];
const LIVE: readonly Hand[] = [preconditions, freeze, quiet, drained, validated, decision, sever, ...OPENING];
/** The publisher is gone: nothing can be frozen, asked or compared. */
const DARK: readonly Hand[] = [gone, decision, darkSever, ...OPENING];

/** Up to the exact comparison: what a thaw takes back. */
const DRAINING: readonly Hand[] = [preconditions, freeze, quiet, drained, validated];
/** Once it was drained and nothing was thawed: nobody could write since, so that only the cheap proofs are made again. */
const GOING_ON: readonly Hand[] = [freeze, quiet, drained, decision, sever, ...OPENING];

export const handsOf = (scene: Scene): readonly Hand[] =>
  isDark(scene) ? DARK : isUntilDrained(scene) ? DRAINING : LIVE;

const isUntilDrained = ({ state }: Scene): boolean => state.ordered.handover?.until === 'drained';

/**
 * The copy becomes production: freeze, proofs, point of no return, opening. Every part tells what showed that it holds;
 * a run that was cut off begins again with the proofs, or, where the copy is severed already, goes on behind them.
 *
 * @throws LandfallError database.unconfirmed without the typed name; database.blocked, .in-use, .not-drained, .differs
 * where a proof does not hold: production is frozen then, and a thaw gives it back
 */
export const handoverStage: Stage = {
  id: 'handover',
  title: scene =>
    isDark(scene)
      ? `hand ${scene.name} over to the copy; the publisher is gone`
      : `hand ${scene.name} over to the copy`,
  preview: scene => handsOf(scene).flatMap(hand => hand.preview(scene)),
  done: async ({ state }) => state.handover?.ended !== undefined && state.ordered.handover === undefined,
  run: runHandover,
};

async function runHandover(work: Work): Promise<void> {
  requireTyped(work);
  const dark = isDark(work);
  const passed = await isSevered(work);
  const untilDrained = isUntilDrained(work);
  if (passed && untilDrained) throw isPast(work);
  if (!passed) await work.keep(FAILBACK_SCRIPT, reverseText(work));
  for (const hand of await handsFor(work)) {
    work.signal.throwIfAborted();
    if (passed && hand.before) continue;
    if (hand.before) refuseGivenUp(work);
    await perform(work, hand.open === true && (await isTailTaken(work)) ? closed(hand) : hand, dark);
  }
  if (untilDrained) {
    await work.emit({ type: 'handover.drained', database: work.name, evidence: drainedEvidence(work) });
    return;
  }
  const { marker, lost } = dark ? await lostOf(work) : { ...(await lostOf(work)), lost: [] };
  await work.emit({
    type: 'handover.ended',
    database: work.name,
    dark,
    lost,
    ...(marker === undefined ? {} : { marker }),
  });
}

/** The hands of this run: what an exact comparison inside the same freeze has shown is not compared again. */
async function handsFor(work: Work): Promise<readonly Hand[]> {
  const hands = handsOf(work);
  if (hands !== LIVE || work.state.handover?.drained === undefined) return hands;
  return (await isTailTaken(work)) || (await isFrozen(work)) ? GOING_ON : hands;
}

/** What showed that nothing is missing. */
const drainedEvidence = ({ state }: Work): string[] =>
  (state.handover?.steps ?? [])
    .filter(({ id, status }) => status === 'done' && (id === 'drained' || id === 'validated'))
    .flatMap(({ evidence }) => evidence);

const isPast = ({ name }: Work): LandfallError =>
  new LandfallError('database.blocked', {
    what: `${name} is handed over already: there is nothing left to drain`,
    next: [`let the hand-over go on: landfall database handover PLAN ${name} --confirm ${name}`],
  });

/** The tail of the log closed production for everybody, more than any freeze. */
const closed = (hand: Hand): Hand => ({
  ...hand,
  run: async () => ({ skipped: true, evidence: ['production is RESTORING: the tail of its log was taken'] }),
});

async function perform(work: Work, hand: Hand, dark: boolean): Promise<void> {
  const { id, title } = hand;
  const tell = (status: 'done' | 'failed' | 'skipped', evidence: readonly string[]): Promise<void> =>
    work.emit({
      type: 'handover.step',
      database: work.name,
      dark,
      did: { id, title, status, evidence: [...evidence] },
    });
  work.sample({ text: title });
  try {
    const { evidence, skipped } = await hand.run(work);
    await tell(skipped === true ? 'skipped' : 'done', evidence);
  } catch (thrown) {
    work.signal.throwIfAborted();
    const { what, evidence = [] } = asLandfallError(thrown).facts;
    await tell('failed', [what, ...evidence]);
    throw thrown;
  }
}

function requireTyped({ state, name, ref }: Work): void {
  if (state.ordered.handover?.confirmed === name) return;
  throw new LandfallError('database.unconfirmed', {
    what: `the hand-over of ${name} needs its name, typed`,
    why: `from its point of no return on, ${ref.copy} on ${ref.subscriber} is the production`,
    next: [`landfall database handover PLAN ${name} --confirm ${name}`],
  });
}

/** Whoever has ordered the way back must not find the point of no return passed. */
function refuseGivenUp({ state, name }: Work): void {
  const { thaw, handover } = state.ordered;
  if (thaw === undefined) return;
  // A production that is gone is never thawed: the order was given while it was still there.
  if (handover?.dark === true && handover.at > thaw.at) return;
  throw new LandfallError('database.blocked', {
    what: `the hand-over of ${name} goes no further: a thaw was ordered`,
    why: 'nothing was done that cannot be taken back',
    next: [`the thaw comes next; order the hand-over again once ${name} is thawed`],
  });
}

const isDecided = ({ state }: Pick<Scene, 'state'>, dark: boolean): boolean =>
  state.handover?.dark === dark &&
  state.handover.ended === undefined &&
  state.handover.steps.some(({ id, status }) => id === 'point-of-no-return' && status === 'done');

/**
 * Whether the point of no return lies behind: it was decided, and the server says that the first thing which cannot be
 * taken back has happened. Where it has not, all proofs are made again: somebody may have thawed meanwhile.
 */
async function isSevered(work: Work): Promise<boolean> {
  const dark = isDark(work);
  if (!isDecided(work, dark)) return false;
  if (dark) return true;
  const [first] = severScripts(work).flatMap(({ deeds }) => deeds);
  return first === undefined ? true : holds(work.servers, first.done, work.signal);
}

/** Past the point of no return of a hand-over that has not ended, or of one that has. */
export async function isHandedOver(work: Work): Promise<boolean> {
  const { handover } = work.state;
  if (handover?.ended !== undefined) return true;
  if (handover === undefined || !isDecided(work, handover.dark)) return false;
  if (handover.dark || (!isReplicated(work) && laneOf(work) !== 'log-shipping')) return true;
  const [first] = severScripts(work).flatMap(({ deeds }) => deeds);
  return first !== undefined && holds(work.servers, first.done, work.signal);
}
