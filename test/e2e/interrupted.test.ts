import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { eventOf, Rehearsal } from '../support/rehearsal.ts';

describe.concurrent('one evacuation, several hands', () => {
  test('a second landfall is refused with who holds it, Ctrl-C ends the first, and the next one goes on', {
    timeout: 180_000,
  }, async () => {
    await using site = await Rehearsal.prepare(['app1', 'web1']);
    const lab = await site.lab();
    // So slow that the first pass runs until it is interrupted.
    await lab.setLinkRate(5_000);
    const first = site.startRehearse('--json', '--keep');
    await eventOf(first, 'pass.started', 2);

    const second = await site.landfall('run', site.plan);
    expect(second.code).toBe(6);
    expect(second.err).toContain(`(pid ${first.pid})`);

    first.kill('SIGINT');
    expect(await first).toMatchObject({ exitCode: 130 });
    const before = await site.events();
    expect(before.filter(e => e.type === 'step.cancelled').map(e => e.step)).toEqual(
      expect.arrayContaining(['sync/app1/pass-1', 'sync/web1/pass-1']),
    );
    expect(before.at(-1)).toMatchObject({ type: 'evacuation.ended', outcome: 'cancelled' });
    expect((await site.landfall('status', 'rehearsal-1', '--one-line')).code).toBe(3);

    await lab.setLinkRate(null);
    lab.close();
    const next = await site.rehearse();
    expect({ code: next.code, err: next.code === 0 ? '' : next.err }).toEqual({ code: 0, err: '' });
    // The copies went on while nobody watched: they were found again, not started again.
    const events = await site.events();
    const fulls = events.flatMap(e => (e.type === 'pass.ended' && e.kind === 'full' ? [e.machine] : []));
    expect(fulls.sort()).toEqual(['app1', 'web1']);
    expect(await site.differences()).toEqual([]);
  });

  test('a changed plan is refused with the difference until it is accepted; a finished rehearsal is followed by the next', {
    timeout: 180_000,
  }, async () => {
    await using site = await Rehearsal.prepare(['web1']);
    expect((await site.rehearse()).code).toBe(0);

    const plan = await readFile(site.plan, 'utf8');
    await writeFile(site.plan, plan.replace('simulated hurricane', 'simulated flood'));
    const refused = await site.landfall('run', site.plan);
    expect(refused.code).toBe(7);
    expect(refused.err).toMatch(/\| - .*simulated hurricane/);
    expect(refused.err).toMatch(/\| \+ .*simulated flood/);
    expect((await site.events()).at(-1)?.type).toBe('evacuation.ended');

    const accepted = await site.landfall('run', site.plan, '--accept-plan');
    expect({ code: accepted.code, err: accepted.code === 0 ? '' : accepted.err }).toEqual({
      code: 0,
      err: '',
    });
    expect((await site.landfall('run', site.plan)).code).toBe(0);

    const next = site.startRehearse('--json');
    expect(await eventOf(next, 'evacuation.created')).toMatchObject({ name: 'rehearsal-2' });
    next.kill('SIGKILL');
    await next;
  });
});
