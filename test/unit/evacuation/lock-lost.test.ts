import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openEvacuation } from '../../../src/evacuation/open.ts';
import { systemClock } from '../../../src/foundation/clock.ts';
import { createRedactor } from '../../../src/foundation/redact.ts';
import { readPlan } from '../../../src/plan/read.ts';

it('an evacuation that lost its lock is told at once, not at its next event', async () => {
  const root = mkdtempSync(join(tmpdir(), 'landfall-lost-'));
  try {
    const file = new URL('../../../plans/minimal.yaml', import.meta.url).pathname;
    const lost = Promise.withResolvers<void>();
    const { directory, journal } = await openEvacuation(
      {
        plan: await readPlan(file, systemClock.now(), { running: true }),
        root,
        landfallVersion: '0',
        owner: { pid: process.pid, host: 'jump1', user: 'test' },
        clock: systemClock,
        random: { next: () => 0.5, bytes: count => new Uint8Array(count) },
        redactor: createRedactor(),
        signal: new AbortController().signal,
      },
      lost.resolve,
    );
    rmSync(directory.lockPath);
    // With the next heartbeat, a few seconds later.
    await lost.promise;
    await expect(journal.append({ type: 'note.added', text: 'x' })).rejects.toMatchObject({
      code: 'state.locked',
    });
    await journal.close();
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}, 15_000);
