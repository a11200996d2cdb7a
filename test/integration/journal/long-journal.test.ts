import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeEvent } from '../../../src/journal/codec.ts';
import { createEvacuationDirectory } from '../../../src/journal/directory.ts';
import { bodies } from '../../unit/journal/bodies.ts';
import { tempDir } from '../../unit/journal/temp.ts';
import { start } from './child.ts';

test('a week-long journal of 100 MB is read in under 200 MB', async () => {
  const root = await tempDir();
  await createEvacuationDirectory(root, 'miami', { planText: 'name: miami\n' });
  const file = await open(join(root, 'miami', 'journal.jsonl'), 'w');
  let bytes = 0;
  let seq = 0;
  while (bytes < 100_000_000) {
    let lines = '';
    for (let index = 0; index < 500; index += 1) {
      seq += 1;
      const pass = Math.ceil(seq / 2);
      const ended = bodies.passEnded('web1', pass);
      const hot = Array.from({ length: 40 }, (_, n) => ({
        path: `/srv/data/${'d'.repeat(60)}/${pass}-${n}`,
        bytes: n,
      }));
      const body = seq % 2 === 1 ? bodies.passStarted('web1', pass) : { ...ended, hot };
      lines += encodeEvent(body, { seq, at: seq, by: 'engine@jump1:4711' });
    }
    bytes += (await file.write(lines)).bytesWritten;
  }
  await file.close();
  const told = await start('read.ts', root, 'miami').next();
  expect(told?.['lastSeq']).toBe(seq);
  expect(told?.['maxRssBytes']).toBeLessThan(200_000_000);
});
