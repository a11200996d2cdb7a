import { expect, test } from 'vitest';
import { captureStage } from '../../../../src/database/replicate/index.ts';
import { Estate, SOURCE } from './estate.ts';

const SCHEMA = [
  'CREATE TABLE dbo.Loans (id int IDENTITY(1,1) NOT NULL PRIMARY KEY, name nvarchar(40) NOT NULL, amount money NOT NULL)',
  'CREATE TABLE dbo.Notes (code char(4) NOT NULL PRIMARY KEY, body nvarchar(max) NULL)',
];

test.each(['subscriber', 'publisher'] as const)(
  'capture with the distributor at the %s',
  async distributorAt => {
    await using estate = await Estate.start({ schema: SCHEMA, distributorAt });
    await estate.conduct(captureStage);
    expect(estate.events).toMatchObject([
      {
        type: 'database.captured',
        lane: 'clone',
        marker: { id: '1', lsn: expect.stringMatching(/^0x[0-9A-F]{20}$/) },
      },
    ]);
    expect(await captureStage.done(estate.work(captureStage))).toBe(true);
    expect((await estate.mia(SOURCE, 'SELECT name FROM dbo.sysarticles ORDER BY artid')).flat()).toEqual([
      'dbo.Loans',
      'dbo.Notes',
      'landfall.marker',
    ]);
  },
);
