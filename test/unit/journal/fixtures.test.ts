import { open, readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../../src/journal/events.ts';
import { apply, fold } from '../../../src/journal/fold.ts';
import { scanJournal } from '../../../src/journal/scan.ts';
import { EMPTY_STATE } from '../../../src/journal/state.ts';

/**
 * The promise of compatibility: journals of every version that was ever in the field stay readable and fold to the
 * state they folded to then. Never edit a fixture; a changed fold that is meant shows as a diff of the state file.
 */
const folder = fileURLToPath(new URL('../../../fixtures/journals/', import.meta.url));
const journals = (await readdir(folder)).filter(name => name.endsWith('.jsonl'));

async function eventsOf(name: string): Promise<Event[]> {
  const events: Event[] = [];
  const handle = await open(folder + name, 'r');
  try {
    const { tornBytes } = await scanJournal(handle, name, event => events.push(event));
    expect(tornBytes).toBe(0);
  } finally {
    await handle.close();
  }
  return events;
}

test('there are journals to replay', () => {
  expect(journals).toEqual(expect.arrayContaining(['v1-converged.jsonl', 'v1-failure-crash-resume.jsonl']));
});

describe.each(journals)('%s', name => {
  test('replays to the recorded state, at once and event by event', async () => {
    const events = await eventsOf(name);
    const recorded: unknown = JSON.parse(
      await readFile(folder + name.replace('.jsonl', '.state.json'), 'utf8'),
    );
    expect(fold(events)).toEqual(recorded);
    expect(events.reduce(apply, EMPTY_STATE)).toEqual(recorded);
  });
});

test('two converged machines end verified and without a failure', async () => {
  const state = fold(await eventsOf('v1-converged.jsonl'));
  expect(state.evacuation).toMatchObject({ phase: 'ended', outcome: 'complete', starts: 1 });
  for (const machine of Object.values(state.machines)) {
    expect(machine.passes.at(-1)?.judged?.verdict).toBe('converged');
    expect(machine.verified?.pass).toBe(machine.passes.at(-1)?.pass);
    expect(machine).not.toHaveProperty('failure');
    expect(machine).not.toHaveProperty('requested');
  }
  expect(Object.values(state.steps).map(step => step.status)).not.toContain('running');
});

test('failure, crash and resume leave what stands in the way now, and nothing else', async () => {
  const state = fold(await eventsOf('v1-failure-crash-resume.jsonl'));
  expect(state.evacuation).toMatchObject({ phase: 'ended', outcome: 'partial', starts: 2 });
  expect(state.machines['db1']).not.toHaveProperty('failure');
  expect(state.machines['web1']).toMatchObject({
    failure: { step: 'build/web1/mounts', error: { code: 'bug' } },
    requested: { reason: 'the receiver is new' },
    path: { opened: false },
    passes: [{ pass: 1 }, { pass: 2, judged: { verdict: 'not-converging' } }],
  });
  expect(state.machines['web1']?.receiver).not.toHaveProperty('hostKey');
  expect(state.steps['inventory/web1']).toMatchObject({ status: 'done', attempts: 2 });
  expect(state.steps['sync/db1/verify']).toMatchObject({ status: 'cancelled' });
});

test('an evacuation with its database ends cut over, and what the cutover did is on record', async () => {
  const state = fold(await eventsOf('v1-cutover.jsonl'));
  expect(state.cutover).toMatchObject({
    rehearse: true,
    dark: false,
    ended: { outcome: 'committed', lost: [] },
  });
  expect(Object.values(state.cutover?.machines ?? {}).map(each => each.committedAt !== undefined)).toEqual(
    Object.keys(state.machines).map(() => true),
  );
  expect(state.cutover?.noReturn?.by).toBe('lab');
  expect(state.databases['Loans']).toMatchObject({
    handover: { dark: false, ended: { lost: [] } },
    ordered: {},
  });
});
