import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Event } from '../../src/journal/events.ts';
import { fold } from '../../src/journal/fold.ts';
import { Rehearsal } from '../support/rehearsal.ts';

const MACHINE = 'mail1';

const passes = (events: readonly Event[]) =>
  events.flatMap(event => (event.type === 'pass.ended' ? [event] : []));
const begun = (events: readonly Event[]) =>
  events.flatMap(event => (event.type === 'pass.started' ? [event] : []));

/** The plan of the lab with one machine that travels by blocks, whatever its size says. */
async function byBlocks(site: Rehearsal): Promise<string> {
  const lab = await site.lab();
  await lab.writer.resume();
  lab.close();
  const plan: { machines: Record<string, object> } = parse(readFileSync(site.plan, 'utf8'));
  plan.machines[MACHINE] = { ...plan.machines[MACHINE], mover: 'blocks' };
  const file = join(site.labDirectory, 'blocks-plan.yaml');
  writeFileSync(file, stringify(plan), { mode: 0o600 });
  return file;
}

const good = ({ code, err }: { readonly code: number | undefined; readonly err: string }): void =>
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });

describe('a machine that travels by blocks', () => {
  test('full, delta, compared, booted; a qemu that was killed costs a full copy and says why, never the replica', {
    timeout: 480_000,
  }, async () => {
    await using site = await Rehearsal.prepare([MACHINE]);
    const plan = await byBlocks(site);
    good(await site.landfall('run', plan));

    const first = await site.events();
    expect(fold(first)).toEqual(await site.state());
    // How many deltas it takes depends on what the writer did meanwhile.
    const [whole, ...deltas] = passes(first).map(({ mover, kind }) => `${mover} ${kind}`);
    expect(whole).toBe('blocks full');
    expect([...new Set(deltas)]).toEqual(['blocks delta']);
    // The guest stood still while libvirt began, and no longer than that.
    expect([...new Set(passes(first).map(({ consistency }) => consistency))]).toEqual(['filesystem']);
    expect(first.find(event => event.type === 'replica.verified')).toMatchObject({
      mismatches: [],
      disks: ['vda'],
    });

    const lab = await site.lab();
    await lab.writer.stop();
    await lab.fault('foreign-checkpoint', MACHINE, true);
    good(await site.landfall('run', plan, '--another-pass'));
    expect(passes(await site.events()).at(-1)).toMatchObject({ mover: 'blocks', kind: 'delta' });
    expect(await site.differences()).toEqual([]);

    await lab.fault('foreign-checkpoint', MACHINE, false);
    await lab.fault('qemu-killed', MACHINE, true);
    const before = begun(await site.events()).length;
    good(await site.landfall('run', plan, '--another-pass'));
    const full = begun(await site.events())
      .slice(before)
      .find(({ kind }) => kind === 'full');
    expect(full?.mover).toBe('blocks');
    expect(full?.reason).toMatch(/bitmap|checkpoint|tracked/i);
    expect(await site.differences()).toEqual([]);

    const proved = await site.landfall('prove', plan);
    good(proved);
    expect(proved.out).toContain('proven 1 of 1');
    // The proof booted an overlay: what lies below it is still the source.
    expect(await site.differences()).toEqual([]);
    expect(await lab.violations()).toEqual([]);
    lab.close();
  });

  test('an engine that is killed while a pass is under way is taken up again, and nothing is left or lost', {
    timeout: 480_000,
  }, async () => {
    await using site = await Rehearsal.prepare([MACHINE]);
    const plan = await byBlocks(site);
    const lab = await site.lab();
    await lab.writer.stop();
    const running = site.start(['run', plan]);
    await expect
      .poll(async () => (await site.events()).some(({ type }) => type === 'checkpoint.made'), {
        timeout: 120_000,
      })
      .toBe(true);
    const engine = await site.enginePid();
    expect(engine).toBeDefined();
    if (engine !== undefined) process.kill(engine, 'SIGKILL');
    await running;
    good(await site.landfall('run', plan));
    expect(await site.differences()).toEqual([]);
    const state = await site.state();
    expect(state.machines[MACHINE]?.verified?.mismatches).toEqual([]);
    expect(state.machines[MACHINE]?.checkpoints?.length).toBe(1);
    expect(await lab.violations()).toEqual([]);
    lab.close();
  });
});
