import { systemClock } from '../../../../src/foundation/clock.ts';
import { LandfallError } from '../../../../src/foundation/errors.ts';
import { createRedactor } from '../../../../src/foundation/redact.ts';
import { openEvacuationDirectory } from '../../../../src/journal/directory.ts';
import { openJournal } from '../../../../src/journal/journal.ts';

/**
 * `hold.ts ROOT NAME [load]`: opens the journal and holds it until the end of its standard input. With `load` it keeps
 * appending from several tasks at once and prints every number as soon as it is acknowledged.
 */
const [root = '', name = '', mode] = process.argv.slice(2);
const say = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);

try {
  const journal = await openJournal({
    directory: await openEvacuationDirectory(root, name),
    owner: { pid: process.pid, user: 'anna', command: 'hold.ts' },
    by: `engine@test:${process.pid}`,
    clock: systemClock,
    redactor: createRedactor(),
  });
  say({
    held: process.pid,
    lastSeq: journal.state.lastSeq,
    takenOver: journal.takenOver,
    mended: journal.mended,
  });
  if (mode === 'load') {
    const task = async (number: number): Promise<void> => {
      for (let turn = 0; ; turn += 1) {
        const text = `task ${number} turn ${turn} ${'x'.repeat((turn * 37) % 3000)}`;
        const events = await journal.append(
          Array.from({ length: 1 + (turn % 3) }, () => ({ type: 'note.added', text })),
        );
        say({ acknowledged: events.map(event => event.seq) });
      }
    };
    await Promise.all([1, 2, 3, 4].map(task));
  }
  for await (const _ of process.stdin);
  await journal.close();
  say({ released: true });
} catch (error) {
  if (!(error instanceof LandfallError)) throw error;
  say({ refused: error.code, what: error.facts.what });
}
