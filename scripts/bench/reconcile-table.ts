import type { Dice } from '../../src/lab/sqlserver/workload/rows/dice.ts';
import type { Sketch } from '../../src/lab/sqlserver/workload/rows/sketch.ts';

/** The table that is compared: what an application posts, in the types that it posts it in. */

export const DATABASE = 'Loans';

/** Keys have gaps, so that a clone can have rows that production never had. */
export const STEP = 3;

export const CREATE = `CREATE TABLE dbo.Posting (
  PostingId bigint NOT NULL CONSTRAINT PK_Posting PRIMARY KEY,
  LoanId bigint NOT NULL,
  PostingGuid uniqueidentifier NOT NULL,
  Account varchar(20) NOT NULL,
  Amount decimal(19,4) NOT NULL,
  Balance money NOT NULL,
  Rate float NULL,
  Currency char(3) NOT NULL,
  Reversed bit NOT NULL,
  ValueDate date NOT NULL,
  PostedAt datetime2(7) NOT NULL,
  ChangedAt datetime NULL,
  Text nvarchar(200) NULL
)`;

const DAY = 86_400_000;
const START = Date.UTC(2022, 0, 1);
const two = (value: number): string => String(value).padStart(2, '0');
const cents = (value: number, digits: number): string =>
  `${Math.trunc(value / 100)}.${two(value % 100)}${'0'.repeat(digits)}`;

export const sketch = (rows: number): Sketch => ({
  table: 'dbo.Posting',
  columns: [
    'PostingId',
    'LoanId',
    'PostingGuid',
    'Account',
    'Amount',
    'Balance',
    'Rate',
    'Currency',
    'Reversed',
    'ValueDate',
    'PostedAt',
    'ChangedAt',
    'Text',
  ],
  count: rows,
  row: (n, dice) => rowOf(n, rows, dice),
});

function rowOf(n: number, rows: number, dice: Dice): ReturnType<Sketch['row']> {
  const [a, b, c, d] = [dice.bits(), dice.bits(), dice.bits(), dice.bits()];
  const day = new Date(START + Math.floor((n / rows) * 1500) * DAY).toISOString().slice(0, 10);
  const hex = [a, b, c, d].map(word => word.toString(16).padStart(8, '0')).join('');
  const time = `${two(a % 24)}:${two(b % 60)}:${two(c % 60)}`;
  return [
    BigInt(n * STEP),
    BigInt(700_000_001 + (b % 40_000)),
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`,
    ['principal', 'interest', 'escrow', 'fees'][c % 4] ?? 'fees',
    cents(a % 500_000_00, 2),
    cents(b % 900_000_00, 2),
    d % 4 === 0 ? null : (d % 9_000_000) / 1_000_000,
    'USD',
    a % 50 === 0 ? 1 : 0,
    day,
    `${day} ${time}.${String(d % 10_000_000).padStart(7, '0')}`,
    c % 3 === 0 ? null : `${day}T${time}.${['000', '003', '007'][d % 3] ?? '000'}`,
    b % 6 === 0 ? null : `payment ${a % 1_000_000} of the loan, posted by batch ${d % 10_000}`,
  ];
}

export interface Scenario {
  readonly share: number;
  readonly spread: 'clustered' | 'uniform';
}

/**
 * The clone drifts: of the differing rows eight in ten have another value, one is missing, one is too many. Clustered: nine
 * in ten of them lie in the newest keys, in twice as many keys as there are differing rows, the last in all others.
 */
export function drift({ share, spread }: Scenario, rows: number): Slice[] {
  const last = rows * STEP;
  const slices: Slice[] = [];
  const add = (from: number, to: number, density: number): void => {
    for (let at = from; at < to; at += SLICE)
      slices.push({ from: at, to: Math.min(to, at + SLICE), density });
  };
  if (spread === 'uniform') add(0, last, share);
  else {
    const recent = Math.max(0, Math.floor((last * (1 - 2 * share)) / STEP) * STEP);
    add(0, recent, (0.1 * share) / (1 - 2 * share));
    add(recent, last, 0.45);
  }
  return slices;
}

const SLICE = 60_000;

interface Slice {
  /** Keys from, up to and without. */
  readonly from: number;
  readonly to: number;
  readonly density: number;
}

/** T-SQL that makes one slice of the clone differ; the rows are chosen by a multiplier that has no rhythm. */
export function driftBatches({ from, to, density }: Slice): string[] {
  // 2654435761 is odd: every key has a number of its own below 2^32, evenly spread.
  const number = '((PostingId / 3) * CONVERT(bigint, 2654435761)) % 4294967296';
  const limit = (share: number): number => Math.round(share * 2 ** 32);
  const within = `PostingId >= ${from} AND PostingId < ${to} AND PostingId % 3 = 0`;
  const [changed, missing, more] = [limit(density * 0.8), limit(density * 0.9), limit(density)];
  return [
    `UPDATE dbo.Posting SET Balance = Balance + 0.0001, Reversed = 1 - Reversed WHERE ${within} AND ${number} < ${changed}`,
    `DELETE dbo.Posting WHERE ${within} AND ${number} >= ${changed} AND ${number} < ${missing}`,
    `INSERT dbo.Posting SELECT PostingId + 1, LoanId, PostingGuid, Account, Amount, Balance, Rate, Currency, Reversed, ValueDate,
  PostedAt, ChangedAt, Text FROM dbo.Posting WHERE ${within} AND ${number} >= ${missing} AND ${number} < ${more}`,
  ];
}
