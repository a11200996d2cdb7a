import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { landfall } from '../../support/cli.ts';

test('the place of a lab is meant from where the command was given, not from where its engine works', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'lf-rehearse-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  // In the way, so that no lab is made.
  writeFileSync(join(cwd, 'sites'), '');
  const words = ['rehearse', '--headless', '--lab', 'sites', '--state', 'evacuations'];
  const { code, err } = await landfall(words, { cwd });
  expect(code).not.toBe(0);
  expect(err).toContain(`LAB: two simulated sites in ${join(cwd, 'sites')}`);
});
