import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { canonical } from '../../../../src/database/compare/canonical.ts';
import { carryOf, stagedType } from '../../../../src/database/reconcile/carry.ts';
import { keysStatement } from '../../../../src/database/reconcile/fetch.ts';
import {
  pinStage,
  reconcileStage,
  restoreStatements,
  unpinStage,
} from '../../../../src/database/reconcile/index.ts';
import { insertedMarker } from '../../../../src/database/reconcile/marker-lsn.ts';
import { tablesOf } from '../../../../src/database/reconcile/names.ts';
import { pinMethod } from '../../../../src/database/reconcile/pin-statements.ts';
import { stagingOf } from '../../../../src/database/reconcile/staging.ts';
import type { Scene } from '../../../../src/database/stage.ts';
import { formatStatements } from '../../../../src/remote/sql/script.ts';
import { column, sceneOf } from './scene.ts';

const whole = (scene: Scene): string =>
  formatStatements(
    [
      ...pinStage.preview(scene),
      ...reconcileStage.preview(scene),
      ...unpinStage.preview(scene),
      ...restoreStatements(scene),
    ],
    'Reconcile a clone with production',
  );

test.each([
  ['2022-standard', {}],
  ['2022-enterprise', { edition: 'Enterprise Edition (64-bit)', engineEdition: 3 }],
  ['2012-standard', { version: '11.0.7001.0', major: 11, database: OLD() }],
] as const)('clone lane, %s: the script as it is kept', (edition, facts) => {
  const path = new URL(`../../../../fixtures/database/reconcile/clone-${edition}.sql`, import.meta.url);
  expect(whole(sceneOf(facts))).toBe(readFileSync(path, 'utf8'));
});

function OLD() {
  return {
    ...{
      name: 'Orders',
      collation: 'Latin1_General_CI_AS',
      compatibility: 110,
      recovery: 'FULL',
      readOnly: false,
    },
    ...{ published: false, subscribed: false, cdc: false, changeTracking: false, snapshotIsolation: false },
    ...{
      readCommittedSnapshot: false,
      dataBytes: 50e9,
      logBytes: 1e9,
      logUsedBytes: 1e8,
      logReuseWait: 'NOTHING',
    },
  };
}

describe('how an instant is pinned', () => {
  it.each([
    ['database snapshot', { version: '13.0.4001.0' }],
    ['snapshot isolation', { version: '13.0.1601.5' }],
    ['snapshot isolation', { version: '11.0.7001.0' }],
    ['database snapshot', { version: '11.0.7001.0', engineEdition: 3 }],
    ['database snapshot', { version: '16.0.1000.6' }],
    ['snapshot isolation', { version: '16.0.1000.6', freeBytes: 100e6, database: OLD() }],
  ] as const)('%s', (method, facts) => {
    expect(pinMethod(sceneOf(facts))).toBe(method);
  });
});

describe('the marker in a command', () => {
  it.each([
    ["{CALL [sp_MSins_landfallmarker] (17,'2026-08-30T01:02:03.1234567')}", '17'],
    ['{CALL [sp_MSins_landfallmarker] (17, 2026-08-30 01:02:03.1234567)}', '17'],
    [
      "INSERT INTO [landfall].[marker] ([id], [at]) VALUES (9223372036854775807, '2026-08-30')",
      '9223372036854775807',
    ],
    ['{CALL [sp_MSdel_landfallmarker] (17)}', undefined],
    ["{CALL [sp_MSupd_landfallmarker] (,'2026-08-30',17,0x02)}", undefined],
  ])('%s', (command, id) => {
    expect(insertedMarker(command)).toBe(id);
  });

  it('is the id that was written, whatever it is', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), id => {
        expect(insertedMarker(`{CALL [sp_MSins_landfallmarker] (${id},'2026-08-30T00:00:00')}`)).toBe(
          String(id),
        );
      }),
    );
  });
});

describe('a value on its way', () => {
  it.each([
    [column('F', 'float', { length: 8, precision: 53 }), 'float', 't.x', 's.c'],
    [column('R', 'real', { length: 4, precision: 24 }), 'float', 't.x', 'CONVERT(real, s.c)'],
    [column('B', 'bit', { length: 1 }), 'bit', 't.x', 's.c'],
    [column('S', 'smallint', { length: 2 }), 'int', 'CONVERT(int, t.x)', 'CONVERT(smallint, s.c)'],
    [
      column('A', 'decimal', { precision: 19, scale: 4 }),
      'varchar(41) COLLATE Latin1_General_BIN2',
      'CONVERT(varchar(41), t.x)',
      'CONVERT(decimal(19, 4), s.c)',
    ],
    [
      column('D', 'datetime2', { length: 8, scale: 7 }),
      'varbinary(9)',
      'CONVERT(varbinary(9), t.x)',
      'CONVERT(datetime2(7), s.c)',
    ],
    // Which code page the driver would write is not known: characters are nvarchar.
    [
      column('T', 'varchar', { length: 20 }),
      'nvarchar(20) COLLATE Latin1_General_BIN2',
      'CONVERT(nvarchar(20), t.x)',
      'CONVERT(varchar(20), s.c)',
    ],
  ])('%o', (own, staged, read, back) => {
    const carry = carryOf(own);
    expect(stagedType(carry)).toBe(staged);
    expect(carry.read('t.x')).toBe(read);
    expect(carry.back('s.c')).toBe(back);
  });
});

describe('rows by their keys', () => {
  const scene = sceneOf();
  const [orders] = tablesOf(scene);
  if (orders === undefined) throw new Error('no table');
  const staging = stagingOf(orders);
  const side = { role: 'publisher', database: 'Orders_snapshot' } as const;
  const throttle = { maxdop: 2, lockTimeoutMs: 5_000 };
  const ONE = { kind: 'different', key: ['1'] } as const;

  it('are values, never text', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string()), { minLength: 1, maxLength: 5 }), keys => {
        const wanted = keys.map(key => ({ kind: 'different', key }) as const);
        const json = keysStatement(side, staging, wanted, { ...throttle, json: true });
        const sent = String(json.parameters?.['keys']?.value);
        // ASCII: a code page changes nothing.
        expect(sent).toMatch(/^[ -~]*$/);
        expect(JSON.parse(sent)).toEqual(keys);
        expect(json.text).toBe(keysStatement(side, staging, [ONE], { ...throttle, json: true }).text);
        const plain = keysStatement(side, staging, wanted, { ...throttle, json: false });
        expect(Object.values(plain.parameters ?? {}).map(({ value }) => [value])).toEqual(keys);
      }),
    );
  });

  it('are read with the throttle of the plan', () => {
    const { text, effect } = keysStatement(side, staging, [ONE], { ...throttle, json: true });
    expect(effect).toBe('reads');
    expect(text).toContain('SET LOCK_TIMEOUT 5000;');
    expect(text).toContain('OPTION (MAXDOP 2);');
    expect(text).not.toContain('[Version]');
    expect(text).toContain(
      canonical(column('Amount', 'decimal', { precision: 19, scale: 4 }), 't.[Amount]', 'varchar'),
    );
  });
});
