import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/journal/events.ts';
import { fold } from '../../src/journal/fold.ts';
import { readLabFile } from '../../src/lab/directory/lab-file.ts';
import { MACHINES, Rehearsal } from '../support/rehearsal.ts';

const fullPasses = (events: readonly Event[]): string[] =>
  events.flatMap(e => (e.type === 'pass.ended' && e.kind === 'full' ? [e.machine] : [])).sort();

describe('the rehearsal', () => {
  test('evacuates six machines, ends with identical replicas, and leaves a journal that replays', {
    timeout: 180_000,
  }, async () => {
    await using site = await Rehearsal.prepare();
    const { exitCode: code, stdout: out, stderr: err } = await site.startRehearse();
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
    // Without --keep the simulated hosts end with the rehearsal.
    expect(readLabFile(site.labDirectory)?.process).toBeNull();
    expect(out).toContain('LAB');
    // A database that runs while it is copied is torn, and its machine is not ready: the others are.
    expect(out).toContain('READY 5 of 6');
    expect(out).toContain('db1: it runs MariaDB/MySQL; the last pass caught a state that is smeared');

    const events = await site.events();
    const state = await site.state();
    expect(fold(events)).toEqual(state);
    expect(fullPasses(events)).toEqual(MACHINES);
    for (const name of MACHINES) {
      expect(state.machines[name]?.verified).toMatchObject({ mismatches: [], live: 0 });
      expect(state.machines[name]?.proofs?.at(-1)?.ended, name).toMatchObject({ verdict: 'proven' });
    }
    // The live writer was seen at work: later passes found something to send.
    const deltas = events.flatMap(e =>
      e.type === 'pass.ended' && e.kind === 'delta' ? e.runs.map(r => r.literalBytes) : [],
    );
    expect(Math.max(...deltas)).toBeGreaterThan(0);

    expect(await site.differences()).toEqual([]);

    const status = await site.landfall('status', 'rehearsal-1', '--json');
    expect(status.code).toBe(3);
    expect(JSON.parse(status.out)).toMatchObject({
      v: 1,
      evacuation: { lab: true },
      verdict: { overall: 'not-ready' },
    });
    const report = await site.landfall('report', 'rehearsal-1');
    expect(report.out).toMatch(/^# LAB REHEARSAL rehearsal-1: not ready/i);
    expect(report.out).toContain('Boot proof');

    // Nothing that identifies a key or a password is left in what landfall wrote.
    expect(await site.journal()).not.toMatch(/PRIVATE KEY/);
  });

  test('what landfall put on the source machines can be removed, and a later run goes on', {
    timeout: 120_000,
  }, async () => {
    await using site = await Rehearsal.prepare(['web1']);
    expect((await site.rehearse()).code).toBe(0);
    const left = join(site.labDirectory, 'hosts/web1/fs/run/landfall/rehearsal-1');
    expect(existsSync(left)).toBe(true);

    const preview = await site.landfall('clean', site.plan, '--dry-run');
    expect(preview.out).toContain('cutover/web1/clean');
    expect(existsSync(left)).toBe(true);

    const cleaned = await site.landfall('clean', site.plan);
    expect({ code: cleaned.code, err: cleaned.code === 0 ? '' : cleaned.err }).toEqual({ code: 0, err: '' });
    expect(existsSync(left)).toBe(false);

    expect((await site.landfall('run', site.plan, '--another-pass')).code).toBe(0);
    expect(await site.differences()).toEqual([]);

    const proved = await site.landfall('prove', site.plan);
    expect({ code: proved.code, err: proved.code === 0 ? '' : proved.err }).toEqual({ code: 0, err: '' });
    expect(proved.out).toContain('proven 1 of 1');
    expect(await site.differences()).toEqual([]);
  });
});
