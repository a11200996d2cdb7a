import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeTreeSync } from '../../../src/foundation/remove-tree.ts';
import { landfall } from '../../support/cli.ts';
import { openTestLab } from '../lab/harness.ts';

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'landfall-inventory-'));
});
afterEach(() => removeTreeSync(cwd, tmpdir()));

const taking = (plan: string, ...more: string[]) =>
  landfall(['inventory', plan, '--state', join(cwd, 'evacuations'), ...more], { cwd });

test('looks, records with its time, shows what is recorded without a host, and looks again when told', async () => {
  const open = await openTestLab({ machines: ['web1'] });
  const { plan } = open.lab.paths;
  let first = 0;
  try {
    const looked = await taking(plan, '--machine', 'web1', '--json');
    expect(looked.code, looked.err).toBe(0);
    const json = JSON.parse(looked.out);
    expect(json).toMatchObject({ v: 1, type: 'inventory', machines: { web1: { domain: { name: 'web1' } } } });
    expect(json.surveyed.web1.gaps).toBeInstanceOf(Array);
    first = json.machines.web1.at;

    const same = JSON.parse((await taking(plan, '--machine', 'web1', '--json')).out);
    expect(same.machines.web1.at).toBe(first);
    const again = JSON.parse((await taking(plan, '-m', 'web1', '--again', '--json')).out);
    expect(again.machines.web1.at).toBeGreaterThan(first);
    first = again.machines.web1.at;
    expect(open.lab.violations()).toEqual([]);
  } finally {
    await open[Symbol.asyncDispose]();
  }

  const [name = ''] = readdirSync(join(cwd, 'evacuations'));
  const last = await taking(name, '--last', '--markdown', 'recovery.md', '--csv', 'sheets');
  expect(last.code, last.err).toBe(0);
  expect(last.out).toMatch(/^web1 /m);
  expect(readFileSync(join(cwd, 'recovery.md'), 'utf8')).toContain('recovery worksheets');
  expect(readdirSync(join(cwd, 'sheets')).every(name => /^recovery-[a-z0-9-]+\.csv$/.test(name))).toBe(true);
  const kept = join(cwd, 'evacuations', name, 'inventories');
  expect(JSON.parse(readFileSync(join(kept, 'web1.json'), 'utf8'))).toMatchObject({ observedAt: first });
  expect(existsSync(join(kept, 'web1.survey.json'))).toBe(true);
});

test('worksheets of one machine hold that machine alone and name what they leave out', async () => {
  let plan = '';
  {
    await using open = await openTestLab({ machines: ['web1', 'db1'] });
    const looked = await taking(open.lab.paths.plan, '--machine', 'web1');
    expect(looked.code, looked.err).toBe(0);
    [plan = ''] = readdirSync(join(cwd, 'evacuations'));
  }
  const sheets = (): string[] =>
    readdirSync(join(cwd, 'sheets')).map(name => readFileSync(join(cwd, 'sheets', name), 'utf8'));
  const { err } = await taking(plan, '--last', '-m', 'web1', '--markdown', 'one.md', '--csv', 'sheets');
  expect(err).toContain('not in the worksheets, as --machine has it: db1');
  const one = readFileSync(join(cwd, 'one.md'), 'utf8');
  expect(one).toMatch(/^#+ web1$/m);
  expect(one).not.toMatch(/^#+ db1$/m);
  expect(one).toMatch(/Not the whole plan.*: left out are .*db1/);
  expect(sheets().join()).toContain(',web1,');
  expect(sheets().join()).not.toContain(',db1,');

  const whole = await taking(plan, '--last', '--markdown', '-');
  expect(whole.out).toMatch(/^#+ db1$/m);
  expect(whole.out + whole.err).not.toMatch(/left out|not in the worksheets/);
});

test('words that contradict each other and machines that the plan lacks are refused before a host is asked', async () => {
  await using open = await openTestLab({ machines: ['web1'] });
  const { plan } = open.lab.paths;
  for (const [words, said] of [
    [['--last', '--again'], '--last and --again contradict each other'],
    [['--machine', 'wbe1'], 'the plan has no machine "wbe1"'],
  ] as const) {
    const { code, err } = await taking(plan, ...words);
    expect(code).toBe(2);
    expect(err).toContain(said);
  }
});
