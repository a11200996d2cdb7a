import { Dice } from './dice.ts';
import type { Sizes, Sketch } from './sketch.ts';
import { NOTES } from './words.ts';

/** Documents are known by a GUID that depends on their number, so that whatever refers to one can compute it. */
const documentId = (seed: number, n: number): string => new Dice(seed, 'document', n).guid();

export const servicingRows = (
  { applications, documents, loans, of }: Sizes,
  seed: number,
): readonly Sketch[] => [
  {
    table: 'doc.Document',
    columns: ['DocumentId', 'ApplicationId', 'DocumentTypeId', 'FileName', 'Bytes', 'Sha256', 'UploadedAt'],
    count: documents,
    row: (n, dice) => [
      ...[
        documentId(seed, n),
        dice.between(1, applications),
        10 * dice.between(1, 8),
        `scan ${n} – ${dice.pick(['ä', 'é', 'x'])}.pdf`,
      ],
      ...[
        BigInt(dice.bits()) * 4_194_304n,
        dice.onceIn(4) ? null : dice.bytes(32),
        `${dice.date(2020, 2026)}T${dice.time(3)}`,
      ],
    ],
  },
  {
    table: 'doc.DocumentContent',
    columns: ['DocumentId', 'Content', 'Preview', 'FullText'],
    count: Math.min(of(10), documents),
    row: (n, dice) => [
      ...[documentId(seed, n), dice.bytes(dice.onceIn(40) ? 70_000 : dice.between(0, 1200))],
      ...[dice.onceIn(3) ? dice.bytes(64) : null, dice.onceIn(2) ? null : 'text of the scan'],
    ],
  },
  {
    table: 'doc.DocumentTag',
    columns: ['Tag', 'DocumentId'],
    count: Math.min(of(20), 3 * documents),
    row: n => [
      ['urgent', 'Urgent', 'récent'][Math.floor(n / documents)] ?? 'other',
      documentId(seed, n % documents),
    ],
  },
  {
    table: 'fin.Loan',
    columns: [
      'LoanId',
      'LoanNumber',
      'ApplicationId',
      'Principal',
      'Rate',
      'FundedOn',
      'CurrentScheduleId',
      'Closed',
    ],
    count: loans,
    row: (n, dice) => [
      ...[
        n + 1,
        600_000_001 + n,
        dice.between(1, applications),
        dice.decimal(25_000, 900_000, 4),
        dice.decimal(3, 9, 6),
      ],
      ...[dice.date(2015, 2026), n + 1, dice.onceIn(7) ? 1 : 0],
    ],
  },
  {
    table: 'fin.LoanSchedule',
    columns: ['ScheduleId', 'LoanId', 'Installments', 'FirstDue', 'Installment'],
    count: loans,
    row: (n, dice) => [
      n + 1,
      n + 1,
      dice.pick([120, 180, 360]),
      dice.date(2015, 2026),
      dice.decimal(200, 9000, 4),
    ],
  },
  {
    table: 'fin.Payment',
    columns: ['PaymentId', 'LoanId', 'PaidAt', 'Principal', 'Interest', 'Method'],
    count: of(60),
    row: (n, dice) => [
      ...[n + 1, dice.between(1, loans), `${dice.date(2015, 2026)}T${dice.time(3)}`],
      ...[dice.decimal(50, 3000, 4), dice.decimal(10, 2000, 4), dice.pick(['ach', 'check', 'wire'])],
    ],
  },
  {
    table: 'fin.EscrowItem',
    columns: ['LoanId', 'Kind', 'Monthly'],
    count: Math.min(of(20), 2 * loans),
    row: (n, dice) => [1 + (n % loans), n < loans ? 'tax' : 'insurance', dice.decimal(20, 900, 4)],
  },
  {
    table: 'fin.LedgerEntry',
    columns: ['LedgerEntryId', 'LoanId', 'Account', 'Amount', 'Currency', 'PostedAt', 'Text'],
    count: of(144),
    row: (n, dice) => [
      ...[
        n + 1,
        dice.between(1, loans),
        dice.pick(['principal', 'interest', 'escrow', 'fee']),
        `${dice.onceIn(4) ? '-' : ''}${dice.decimal(0, 90_000, 10)}`,
      ],
      ...['USD', `${dice.date(2015, 2026)}T${dice.time(7)}`, dice.onceIn(3) ? null : `entry ${n}`],
    ],
  },
  {
    table: 'ops.AuditEntry',
    columns: ['At', 'Who', 'TableName', 'KeyText', 'Action'],
    count: of(50),
    row: (n, dice) => [
      `${dice.date(2024, 2026)}T${dice.time(7)}`,
      'HARBOR\\app',
      'party.Customer',
      `${n % 500}`,
      dice.pick(['I', 'U', 'D']),
    ],
  },
  {
    table: 'ops.IntegrationMessage',
    columns: ['MessageNumber', 'ExternalId', 'Direction', 'Payload', 'ReceivedAt'],
    count: of(20),
    row: (n, dice) => [
      ...[
        n + 1,
        dice.onceIn(5) ? null : `ext-${n}`,
        dice.pick(['i', 'o']),
        dice.onceIn(9) ? null : dice.pick(NOTES).repeat(dice.between(0, 90)),
      ],
      `${dice.date(2024, 2026)}T${dice.time(7)}`,
    ],
  },
];
