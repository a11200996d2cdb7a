import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { landfall } from '../../support/cli.ts';

test('the place of a lab is meant from where the command was given, not from where its engine works', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'lf-rehearse-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  const words = ['rehearse', '--headless', '--lab', 'sites', '--machines', 'web9'];
  const { code, err } = await landfall(words, { cwd });
  expect(code).toBe(2);
  expect(err).toContain('no machine called "web9"');
  const gone = AbortSignal.abort();
  const ran = await landfall([...words.slice(0, -1), 'web1', '--state', 'evacuations'], {
    cwd,
    signal: gone,
  });
  expect(ran.err).toContain(`LAB: two simulated sites in ${join(cwd, 'sites')}`);
  expect(existsSync(join(process.cwd(), 'sites'))).toBe(false);
});
