import type { RunOptions } from '../../remote/sql/server.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import { serverOf } from '../perform.ts';
import type { Work } from '../stage.ts';

const PERCENT = /^\s*(\d{1,3}) (?:percent|per cent)\b/i;

/** Runs a BACKUP or RESTORE and tells how far it is, from the messages that STATS makes, with rate and end. */
export async function withProgress(
  work: Work,
  statement: Statement,
  bytes: number | undefined,
  parameters: RunOptions['parameters'] = {},
): Promise<void> {
  const { clock, signal } = work;
  const begun = clock.monotonic();
  work.sample({ text: statement.title });
  await serverOf(work.servers, statement).run(statement, {
    signal,
    parameters,
    onMessage(text) {
      const percent = Number(PERCENT.exec(text)?.[1] ?? Number.NaN);
      if (!(percent > 0 && percent <= 100)) return;
      const ms = clock.monotonic() - begun;
      const fraction = percent / 100;
      const done = bytes === undefined ? undefined : Math.round(bytes * fraction);
      work.sample({
        text: statement.title,
        fraction,
        etaMs: Math.round((ms * (1 - fraction)) / fraction),
        ...(done === undefined ? {} : { bytes: done }),
        ...(done === undefined || ms <= 0 ? {} : { bytesPerSecond: Math.round((done * 1000) / ms) }),
      });
    },
  });
}
