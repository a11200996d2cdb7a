import { systemClock } from '../../../../src/foundation/clock.ts';
import { LandfallError } from '../../../../src/foundation/errors.ts';
import { createRedactor } from '../../../../src/foundation/redact.ts';
import { openFileJournal } from '../../../../src/journal/file-store.ts';

/** `fill.ts PATH`: appends until the disk says no; prints the last acknowledged number and the refusals. */
const [path = ''] = process.argv.slice(2);
const store = await openFileJournal({ path, by: 'fill', clock: systemClock, redactor: createRedactor() });
const { lastSeq } = await store.replay(() => {});
let acknowledged = lastSeq;
const refusals: string[] = [];
const append = async (): Promise<void> => {
  const events = await store.append([{ type: 'note.added', text: 'x'.repeat(700) }]);
  acknowledged = events.at(-1)?.seq ?? acknowledged;
};
while (refusals.length < 2) {
  try {
    await append();
  } catch (error) {
    if (!(error instanceof LandfallError)) throw error;
    refusals.push(`${error.code}: ${error.facts.what}`);
  }
}
await store.close();
process.stdout.write(`${JSON.stringify({ acknowledged, refusals })}\n`);
