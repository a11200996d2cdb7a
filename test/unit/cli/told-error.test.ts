import { expect, test } from 'vitest';
import { failureJson } from '../../../src/cli/failure.ts';
import { errorAmong } from '../../../src/cli/told-error.ts';
import { LandfallError } from '../../../src/foundation/errors.ts';

const locked = new LandfallError('state.locked', { what: 'held by another', next: ['attach to it'] });
const full = new LandfallError('state.unwritable', { what: 'the disk is full', next: ['make room'] });

test('of two engines that write into one log, each is told its own error and no other', () => {
  const log = `12:00:00 web1 goes on\n${failureJson(full, 17)}✖ error: the disk is full\n${failureJson(locked, 4711)}`;
  expect(errorAmong(log, 17)).toMatchObject({
    code: 'state.unwritable',
    facts: { what: 'the disk is full' },
  });
  expect(errorAmong(log, 4711)).toMatchObject({ code: 'state.locked' });
  expect(errorAmong(log, 1)).toBeUndefined();
  expect(errorAmong(failureJson(locked), 4711)).toBeUndefined();
});
