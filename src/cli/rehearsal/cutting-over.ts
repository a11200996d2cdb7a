import type { NextWhenIdle } from '../../evacuation/conductor.ts';
import type { Command, Reply } from '../../evacuation/engine/command.ts';
import type { Clock } from '../../foundation/clock.ts';
import type { Event } from '../../journal/events.ts';
import type { State } from '../../journal/state.ts';
import type { LabClient } from '../../lab/client.ts';
import type { Plan } from '../../plan/schema.ts';
import { AFTER_ABORT, type Move, nextMove, type Story } from './story.ts';
import type { Zone } from './zone.ts';

/** The author of what the lab orders. */
export const LAB = 'lab';
/** The reason of the pass in which the source site is lost. */
const DOOMED_PASS = 'LAB: the pass in which Miami is lost';
/** Operations of the writer between the last verified pass and the end of Miami. */
const WRITES = 60;
const POLL_MS = 100;
/** So slow that nothing of the doomed pass arrives, and what is lost is exactly what was announced. */
const SLOW_BYTES_PER_SECOND = 500;

export interface TaleOptions {
  readonly story: Story;
  readonly plan: Plan;
  readonly lab: LabClient;
  readonly linkBytesPerSecond: number;
  readonly zone: Zone;
  /** Carries an order out as an engineer's would be. */
  readonly order: (command: Command, by: string) => Promise<Reply>;
  readonly note: (text: string) => Promise<void>;
  readonly clock: Clock;
  /** An order was refused, or something failed that an engineer would have to look at. */
  readonly onTrouble: (lines: readonly string[]) => void;
}

export interface Tale {
  readonly next: NextWhenIdle;
  event(event: Event): void;
  /** True once the story has come to its end. */
  readonly isOver: boolean;
}

/** The rehearsal of a cutover, move by move: the lab plays the people, landfall does the rest. */
export function createTale(options: TaleOptions): Tale {
  const { story, plan, lab, zone, clock } = options;
  let isOver = false;
  /** What fails twice needs more than a look. */
  const triedAgain = new Set<string>();
  let hasWritten = false;
  let isDoomed = false;
  let dying: Promise<void> = Promise.resolve();

  const give = async (command: Command): Promise<'wait' | 'end'> => {
    const reply = await options.order(command, LAB);
    if (reply.ok) return 'wait';
    options.onTrouble([
      reply.error.what,
      ...(reply.error.why === undefined ? [] : [reply.error.why]),
      ...reply.error.next,
    ]);
    return 'end';
  };

  /** The life before the end: the writer writes, what would be lost is counted, and a pass begins. */
  const doom = async (state: State, signal: AbortSignal): Promise<'wait' | 'end'> => {
    await dying;
    if ((await lab.status()).faults.includes('site-lost')) {
      return state.evacuation?.mode?.mode === 'dark'
        ? perform(nextMove(story, { plan, state }, clock.now()))
        : give({
            kind: 'mode',
            mode: 'dark',
            confirm: plan.name,
            reason: 'LAB: Miami does not answer any more',
          });
    }
    if (!hasWritten) {
      const { operations } = (await lab.status()).writer;
      await lab.writer.resume();
      while ((await lab.status()).writer.operations < operations + WRITES) await clock.sleep(POLL_MS, signal);
      await lab.writer.pause();
      hasWritten = true;
      await options.note('the writer has written; what would be lost now is counted');
      return give({ kind: 'measure' });
    }
    isDoomed = true;
    await lab.setLinkRate(SLOW_BYTES_PER_SECOND);
    return give({ kind: 'sync', reason: DOOMED_PASS });
  };

  const die = async (): Promise<void> => {
    await lab.fault('site-lost', '', true);
    await lab.setLinkRate(options.linkBytesPerSecond);
    await options.note('Miami is lost: nothing there answers any more');
    await give({
      ...{ kind: 'mode', mode: 'dark', confirm: plan.name },
      reason: 'LAB: Miami does not answer any more',
    });
  };

  const perform = async (move: Move): Promise<'wait' | 'end'> => {
    switch (move.kind) {
      case 'order':
        // A source that is quiet for the rehearsal has to have been loud before.
        if (move.command.act === 'begin' && story !== 'site-lost') await lab.writer.resume();
        return give(move.command);
      case 'switch':
        zone.change(move.record);
        await give({ kind: 'look' });
        return give({ kind: 'cutover', act: 'tick', item: move.item });
      case 'stuck': {
        options.onTrouble(move.why);
        const fresh = (move.items ?? []).filter(id => !triedAgain.has(id));
        if (fresh.length === 0) return 'end';
        for (const id of fresh) triedAgain.add(id);
        await options.note(`whoever is on shift has looked; ${fresh.join(', ')} once more`);
        return give({ kind: 'cutover', act: 'go', confirm: plan.name });
      }
      case 'over':
        isOver = true;
        return 'end';
      case 'next-pass':
        return give({ kind: 'sync', reason: AFTER_ABORT });
    }
  };

  return {
    get isOver() {
      return isOver;
    },
    async next(_outcome, state, signal) {
      if (story === 'site-lost' && state.cutover === undefined) return doom(state, signal);
      return perform(nextMove(story, { plan, state }, clock.now()));
    },
    event(event) {
      if (!isDoomed || event.type !== 'pass.started') return;
      isDoomed = false;
      dying = die().catch((error: unknown) => options.onTrouble([String(error)]));
    },
  };
}
