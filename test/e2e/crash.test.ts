import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/journal/events.ts';
import { eventOf, Rehearsal } from '../support/rehearsal.ts';

/** Kills landfall with SIGKILL as soon as the journal holds an event of this kind for the n-th time. */
const MOMENTS: readonly [name: string, type: Event['type'], count: number][] = [
  ['while the inventory is taken', 'hypervisor.observed', 1],
  ['while targets are built', 'receiver.started', 2],
  ['while the first passes run', 'pass.started', 2],
  ['between passes', 'pass.judged', 2],
  ['while copies are verified', 'replica.verified', 1],
  ['while a copy is made ready to boot', 'proof.started', 1],
  ['while copies boot', 'fixups.planned', 2],
];

describe.concurrent('kill -9 and run again', () => {
  test.each(MOMENTS)(
    '%s: it resumes, copies no full pass twice, and ends the same',
    { timeout: 180_000 },
    async (_name, type, count) => {
      await using site = await Rehearsal.prepare(['app1', 'web1']);
      const first = site.startRehearse('--json');
      await eventOf(first, type, count);
      first.kill('SIGKILL');
      expect(await first).toMatchObject({ signal: 'SIGKILL' });

      const second = await site.rehearse();
      expect({ code: second.code, err: second.code === 0 ? '' : second.err }).toEqual({ code: 0, err: '' });
      expect(second.err).toContain('lock taken over');
      const events = await site.events();
      const fulls = events.flatMap(e => (e.type === 'pass.ended' && e.kind === 'full' ? [e.machine] : []));
      expect(fulls.sort()).toEqual(['app1', 'web1']);
      expect(events.filter(e => e.type === 'evacuation.created')).toHaveLength(1);
      expect(await site.differences()).toEqual([]);
      const { machines } = await site.state();
      expect(Object.values(machines).map(({ proofs }) => proofs?.at(-1)?.ended?.verdict)).toEqual([
        'proven',
        'proven',
      ]);
    },
  );
});
