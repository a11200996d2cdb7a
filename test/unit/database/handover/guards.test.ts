import { expect, test } from 'vitest';
import { type Guard, mending } from '../../../../src/database/handover/guards.ts';
import { settingOf } from '../../../../src/database/handover/people.ts';

const guard = (kind: Guard['kind'], state: Partial<Guard> = {}): Guard => ({
  ...{ kind, schema: 'dbo', table: 'Orders', name: 'x' },
  ...{ disabled: false, trusted: true, unreplicated: false },
  ...state,
});

test.each([
  ['a trigger that production has enabled', guard('trigger'), guard('trigger', { disabled: true }), 'ENABLE'],
  [
    'a trigger that production has disabled',
    guard('trigger', { disabled: true }),
    guard('trigger'),
    'DISABLE',
  ],
  [
    'a key that was held',
    guard('foreign-key'),
    guard('foreign-key', { disabled: true, trusted: false }),
    'WITH CHECK CHECK',
  ],
  [
    'a key that is enabled and not trusted',
    guard('foreign-key'),
    guard('foreign-key', { trusted: false }),
    'WITH CHECK CHECK',
  ],
  [
    'a key that production does not trust',
    guard('foreign-key', { trusted: false }),
    guard('foreign-key', { disabled: true, trusted: false }),
    'WITH NOCHECK CHECK',
  ],
  [
    'a check that production has disabled',
    guard('check', { disabled: true, trusted: false }),
    guard('check'),
    'NOCHECK',
  ],
  [
    'a key that replication marked',
    guard('foreign-key'),
    guard('foreign-key', { unreplicated: true, trusted: false }),
    'remake',
  ],
  [
    'a key that production has marked, too',
    guard('foreign-key', { unreplicated: true, trusted: false }),
    guard('foreign-key', { unreplicated: true, trusted: false }),
    undefined,
  ],
  ['more trust than on production', guard('check', { trusted: false }), guard('check'), undefined],
])('%s', (_name, source, copy, how) => {
  expect(mending(source, copy)).toBe(how);
});

test('options that need the database for themselves take it', () => {
  expect(settingOf('READ_COMMITTED_SNAPSHOT', 'ON')).toBe(
    'READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE',
  );
  expect(settingOf('ENABLE_BROKER', 'ON')).toBe('NEW_BROKER WITH ROLLBACK IMMEDIATE');
  expect(settingOf('PARAMETERIZATION', 'OFF')).toBe('PARAMETERIZATION SIMPLE');
  expect(settingOf('RECOVERY', 'FULL')).toBe('RECOVERY FULL');
  expect(settingOf('OWNER', 'sa')).toBeUndefined();
});
