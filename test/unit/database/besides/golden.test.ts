import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BESIDES_GOLDEN } from '../handover/golden.ts';

test('what is made beside the tables is as a DBA has read it', () => {
  const kept = new URL('../../../../fixtures/database/besides/any-2022-standard.sql', import.meta.url);
  expect(BESIDES_GOLDEN()).toBe(readFileSync(kept, 'utf8'));
});
