import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/foundation/clock.ts';
import { createRedactor } from '../../src/foundation/redact.ts';
import { createEvacuationDirectory } from '../../src/journal/directory.ts';
import type { Event, EventBody } from '../../src/journal/events.ts';
import { openFileJournal } from '../../src/journal/file-store.ts';
import { planHash } from '../../src/journal/plan-file.ts';
import { SOUND } from '../unit/plan/sound-plan.ts';

/** An evacuation on the disk, whose journal the test writes. */
export interface RecordedEvacuation {
  readonly root: string;
  readonly name: string;
  readonly directory: string;
  append(body: EventBody, by?: string): Promise<Event>;
}

/** Created and started, by the plan called storm, or by one of another name; of the lab where that is said. */
export async function recordedEvacuation({
  name = 'storm',
  lab = false,
}: {
  readonly name?: string;
  readonly lab?: boolean;
} = {}): Promise<RecordedEvacuation> {
  const root = await mkdtemp(join(tmpdir(), 'lf-recorded-'));
  const planText = SOUND.replace(/^name: .*$/m, `name: ${name}`);
  const directory = await createEvacuationDirectory(root, name, { planText });
  const journal = await openFileJournal({
    path: directory.journalPath,
    by: 'root@jump1:4711',
    clock: systemClock,
    redactor: createRedactor(),
  });
  await journal.replay(() => undefined);
  onTestFinished(async () => {
    await journal.close();
    await rm(root, { recursive: true, force: true });
  });
  const append = async (body: EventBody, by?: string): Promise<Event> => {
    const [event] = await journal.append([body], by);
    if (event === undefined) throw new Error('the journal answered an append with no event');
    return event;
  };
  await append({
    ...{ type: 'evacuation.created', name, planHash: planHash(planText), rehearsal: lab, lab },
    ...{ landfall: '0', deadline: { earliest: 1, expected: 2 }, machines: ['db1', 'web1'], databases: [] },
  });
  await append({ type: 'evacuation.started', pid: 1, host: 'jump1', landfall: '0', controlKeys: [] });
  return { root, name, directory: directory.path, append };
}
