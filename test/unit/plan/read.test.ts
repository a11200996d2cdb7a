import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LandfallError } from '../../../src/foundation/errors.ts';
import { examinePlan, readPlan } from '../../../src/plan/read.ts';
import { changed, NOW, SOUND } from './sound-plan.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'landfall-plan-'));
  await writeFile(join(folder, 'miami-to-dallas.yaml'), SOUND);
  await writeFile(join(folder, 'bad.yaml'), changed(['[db1]', '[db7, db8]']));
  await writeFile(join(folder, 'notes.txt'), 'no plan');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function refusal(promise: Promise<unknown>): Promise<LandfallError> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof LandfallError) return thrown;
  throw new Error(`expected a LandfallError, got ${String(thrown)}`);
}

describe('readPlan', () => {
  it('gives the plan with the text it was read from', async () => {
    const file = join(folder, 'miami-to-dallas.yaml');
    expect(await readPlan(file, NOW)).toMatchObject({
      file,
      text: SOUND,
      plan: { name: 'storm' },
      warnings: [],
    });
  });

  it('refuses a bad plan with file, line and column of each fault', async () => {
    const file = join(folder, 'bad.yaml');
    const error = await refusal(readPlan(file, NOW));
    expect(error).toMatchObject({ code: 'plan.invalid', exit: 2 });
    expect(error.facts.where).toEqual({ file, line: 35, column: 13 });
    expect(error.facts.evidence).toEqual([
      `${file}:35:13: error: no machine or database is called "db7"`,
      `${file}:35:18: error: no machine or database is called "db8"`,
    ]);
    expect(error.facts.next[0]).toContain(`landfall check ${file}`);
  });

  it('names the file that was meant', async () => {
    const error = await refusal(readPlan(join(folder, 'miami-dallas.yml'), NOW));
    expect(error.code).toBe('plan.unreadable');
    expect(error.facts.next).toEqual([`landfall check ${join(folder, 'miami-to-dallas.yaml')}`]);
  });

  it('names the plans there are where nothing is near, and helps where there is no folder', async () => {
    const error = await refusal(readPlan(join(folder, 'x.yaml'), NOW));
    expect(error.facts.next).toHaveLength(2);
    const nowhere = await refusal(readPlan(join(folder, 'no', 'such', 'x.yaml'), NOW));
    expect(nowhere.facts.next[0]).toContain('plans/minimal.yaml');
    const below = await refusal(readPlan(join(folder, 'notes.txt', 'x.yaml'), NOW));
    expect(below.code).toBe('plan.unreadable');
  });

  it('refuses a directory and names the plans in it', async () => {
    const error = await refusal(readPlan(folder, NOW));
    expect(error.facts.what).toContain('is a directory');
    expect(error.facts.next).toContain(`landfall check ${join(folder, 'miami-to-dallas.yaml')}`);
    await mkdir(join(folder, 'empty'), { recursive: true });
    expect((await refusal(readPlan(join(folder, 'empty'), NOW))).code).toBe('plan.unreadable');
  });

  it('refuses a device instead of waiting for it', async () => {
    expect((await refusal(readPlan('/dev/zero', NOW))).facts.what).toContain('no regular file');
  });

  it.skipIf(process.getuid?.() === 0)('says that the permission is missing', async () => {
    const file = join(folder, 'locked.yaml');
    await writeFile(file, SOUND);
    await chmod(file, 0);
    expect((await refusal(readPlan(file, NOW))).facts.what).toContain('no permission');
  });

  it('reads no more of a huge file than it needs to refuse it', async () => {
    const file = join(folder, 'huge.yaml');
    await writeFile(file, 'x'.repeat(3 * 1024 * 1024));
    const { result, text } = await examinePlan(file, NOW);
    expect(result).toMatchObject({ ok: false, problems: [{ line: 1, column: 1 }] });
    expect(text.length).toBe(1024 * 1024 + 1);
  });
});
