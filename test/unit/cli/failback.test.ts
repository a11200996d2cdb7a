import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { landfall } from '../../support/cli.ts';
import { recordedEvacuation } from '../../support/recorded-evacuation.ts';

test('landfall failback writes a plan that landfall check takes, and never over another', async () => {
  const { root } = await recordedEvacuation();
  const cwd = mkdtempSync(join(tmpdir(), 'lf-failback-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  const run = (...argv: string[]) => landfall(argv, { cwd });
  const written = await run('failback', 'storm', '--state', root, '-o', 'home.yaml');
  expect(written).toMatchObject({ code: 0, out: '' });
  expect(written.err).toContain('next: landfall check home.yaml');
  expect(written.err).toMatch(/lines say CHECK or FILL IN/);
  expect(await run('check', 'home.yaml')).toMatchObject({ code: 0 });
  expect((await run('failback', 'storm', '--state', root, '-o', 'home.yaml')).code).toBe(2);
  expect((await run('failback', 'storm', '--state', root)).out).toContain('failback_of: storm');
});
