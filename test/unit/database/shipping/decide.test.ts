import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  hasOwnJob,
  movesFor,
  nextLogs,
  placeFor,
  refuseForeignBackup,
  refuseSimple,
} from '../../../../src/database/shipping/decide.ts';
import {
  type Backup,
  compareLsn,
  lsnHex,
  type TargetFacts,
} from '../../../../src/database/shipping/facts.ts';
import { asRead, inFolder, ownFile } from '../../../../src/database/shipping/files.ts';
import { sceneOf } from '../replicate/scenes.ts';

const scene = sceneOf({ lane: 'log-shipping' });

const log = (firstLsn: string, lastLsn: string, more: Partial<Backup> = {}): Backup => ({
  ...{ id: 1, kind: 'L', copyOnly: false, firstLsn, lastLsn, device: String.raw`X:\backup\hourly.trn` },
  ...{ position: 1, bytes: '100', startedAt: '0', minutesAgo: 5 },
  ...more,
});

describe('LSNs', () => {
  it('are what SQL Server writes in hex', () => {
    expect(lsnHex('9118000003065000001')).toBe('0x0000239E000077BA0001');
  });

  it('compare as numbers, in both forms alike', () => {
    const lsn = fc
      .tuple(fc.nat(0xffff), fc.nat(0xfffffff), fc.nat(0xffff))
      .map(([vlf, block, slot]) =>
        (BigInt(vlf) * 10n ** 15n + BigInt(block) * 10n ** 5n + BigInt(slot)).toString(),
      );
    fc.assert(
      fc.property(lsn, lsn, (one, other) => {
        const hex = [lsnHex(one), lsnHex(other)] as const;
        expect(Math.sign(compareLsn(one, other))).toBe(hex[0] < hex[1] ? -1 : hex[0] > hex[1] ? 1 : 0);
      }),
    );
  });
});

describe('the chain of logs', () => {
  it('is every log that the copy has not, in order', () => {
    const logs = [log('100', '200'), log('200', '300'), log('300', '300'), log('300', '450')];
    expect(nextLogs(scene, logs, '200').map(({ lastLsn }) => lastLsn)).toEqual(['300', '450']);
    expect(nextLogs(scene, logs, '450')).toEqual([]);
  });

  it('is refused where a piece is in no backup', () => {
    expect(() => nextLogs(scene, [log('100', '200'), log('250', '300')], '200')).toThrow(
      /between LSN 200 and 250/,
    );
  });

  it('is that of the job of production, where there is one', () => {
    expect(hasOwnJob(scene, [log('1', '2')])).toBe(true);
    expect(hasOwnJob(scene, [log('1', '2', { copyOnly: true })])).toBe(false);
    expect(hasOwnJob(scene, [log('1', '2', { minutesAgo: 3000 })])).toBe(false);
    expect(
      hasOwnJob(scene, [log('1', '2', { device: inFolder('X:\\backup', ownFile(scene, 'log_1.trn')) })]),
    ).toBe(false);
  });

  it('is not there in the recovery model SIMPLE', () => {
    expect(() => refuseSimple(scene, { recovery: 'SIMPLE', fork: null, chain: null })).toThrow(/SIMPLE/);
    expect(() => refuseSimple(scene, { recovery: 'FULL', fork: null, chain: null })).not.toThrow();
  });
});

const NOTHING: TargetFacts = {
  state: null,
  device: null,
  lastLsn: null,
  published: null,
  dataPath: 'D:\\data\\',
  logPath: null,
};

describe('the copy', () => {
  it('is only restored over nothing, or over what landfall restored', () => {
    expect(placeFor(scene, NOTHING)).toBe('new');
    expect(placeFor(scene, { ...NOTHING, state: 'RESTORING' })).toBe('replace');
    const own = inFolder('X:\\backup', ownFile(scene, 'full.bak'));
    expect(placeFor(scene, { ...NOTHING, state: 'ONLINE', device: own })).toBe('replace');
    expect(() => placeFor(scene, { ...NOTHING, state: 'ONLINE' })).toThrow(/not landfall's/);
    expect(() => placeFor(scene, { ...NOTHING, state: 'RESTORING', device: 'X:\\b\\nightly.bak' })).toThrow(
      /not landfall's/,
    );
  });

  it('has each file under a name of its own', () => {
    const files = [
      { LogicalName: "Lo'ans", PhysicalName: 'E:\\Loans.mdf', Type: 'D' },
      { LogicalName: 'more', PhysicalName: 'E:\\more.ndf', Type: 'D' },
      { LogicalName: 'log', PhysicalName: 'L:\\Loans.ldf', Type: 'L' },
    ];
    expect(movesFor(scene, files, NOTHING)).toBe(
      "MOVE N'Lo''ans' TO N'D:\\data\\Loans_1.mdf', MOVE N'more' TO N'D:\\data\\Loans_2.ndf', MOVE N'log' TO N'D:\\data\\Loans_3.ldf'",
    );
  });

  it('takes only a whole backup of production, of the same fork', () => {
    const header = { DatabaseName: 'Loans', BackupType: 1, RecoveryForkID: 'AA', IsDamaged: false };
    const source = { recovery: 'FULL', fork: 'aa', chain: null };
    const refused = (more: Partial<typeof header>) => () =>
      refuseForeignBackup(scene, 'X:\\b', { ...header, ...more }, source);
    expect(refused({})).not.toThrow();
    expect(refused({ RecoveryForkID: 'BB' })).toThrow(/another recovery fork/);
    expect(refused({ DatabaseName: 'Other' })).toThrow(/backup of Other/);
    expect(refused({ IsDamaged: true })).toThrow(/damaged/);
    expect(refused({ BackupType: 2 })).toThrow(/no full backup/);
  });
});

describe('paths', () => {
  it('are the subscriber’s for what lies in the folder of the plan', () => {
    const folders = { written: 'X:\\backup', read: '/mnt/mia', shared: true };
    expect(asRead(folders, 'x:\\Backup\\jobs\\a.trn')).toBe('/mnt/mia/jobs/a.trn');
    expect(asRead(folders, 'X:\\backups\\a.trn')).toBeUndefined();
    expect(asRead(folders, 'Y:\\a.trn')).toBeUndefined();
    expect(asRead({ written: '/b/', read: '\\\\mia\\b', shared: true }, '/b/a.trn')).toBe(
      '\\\\mia\\b\\a.trn',
    );
  });
});
