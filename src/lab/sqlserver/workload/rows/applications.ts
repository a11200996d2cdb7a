import { EMPLOYEES } from './reference.ts';
import type { Sizes, Sketch } from './sketch.ts';
import { CITIES, CREDITORS, NOTES, STATES, STATUSES } from './words.ts';

export const applicationRows = ({
  customers,
  applications,
  properties,
  conditions,
  reports,
  of,
}: Sizes): readonly Sketch[] => [
  {
    table: 'los.Application',
    columns: [
      'ApplicationId',
      'CustomerId',
      'ProductTypeId',
      'LoanPurposeId',
      'OfficerId',
      'Amount',
      'Status',
      'SubmittedAt',
      'Comment',
    ],
    count: applications,
    row: (n, dice) => [
      ...[
        n + 1,
        dice.between(1, customers),
        dice.between(1, 8),
        dice.between(1, 4),
        dice.onceIn(10) ? null : dice.between(1, EMPLOYEES),
      ],
      ...[
        dice.decimal(25_000, 2_500_000, 4),
        dice.pick(STATUSES),
        dice.onceIn(8) ? null : `${dice.date(2018, 2026)}T${dice.time(3)}`,
      ],
      dice.onceIn(12) ? dice.pick(NOTES).repeat(dice.between(1, 40)) : null,
    ],
  },
  {
    table: 'los.ApplicationParty',
    columns: ['ApplicationId', 'CustomerId', 'Part', 'Share'],
    count: of(80),
    row: (n, dice) => {
      const application = 1 + (n % applications);
      const turn = Math.floor(n / applications);
      return [
        application,
        1 + ((application * 7 + turn * 13) % customers),
        turn === 0 ? 'borrower' : 'co-borrower',
        dice.decimal(0, 0, 4),
      ];
    },
  },
  {
    table: 'los.ApplicationStatusHistory',
    columns: ['StatusHistoryId', 'ApplicationId', 'OldStatus', 'NewStatus', 'ChangedAt', 'ChangedBy'],
    count: of(100),
    row: (n, dice) => [
      ...[
        n + 1,
        dice.between(1, applications),
        dice.onceIn(3) ? null : dice.pick(STATUSES),
        dice.pick(STATUSES),
      ],
      ...[`${dice.date(2018, 2026)}T${dice.time(7)}`, `HARBOR\\employee${dice.between(1, EMPLOYEES)}`],
    ],
  },
  {
    table: 'los.Property',
    columns: [
      'PropertyId',
      'ApplicationId',
      'Line1',
      'StateCode',
      'YearBuilt',
      'LivingArea',
      'Latitude',
      'Longitude',
      'FloodZone',
    ],
    count: properties,
    row: (n, dice) => [
      ...[
        n + 1,
        dice.between(1, applications),
        `${dice.between(1, 9999)} ${dice.pick(CITIES)} St`,
        dice.pick(STATES),
      ],
      ...[
        dice.onceIn(9) ? null : dice.between(1890, 2026),
        dice.between(400, 9000) + 0.5,
        dice.bits() / 1e8,
        -dice.bits() / 3e7,
        dice.between(0, 1),
      ],
    ],
  },
  {
    table: 'los.LoanQuote',
    columns: ['QuoteId', 'ApplicationId', 'Rate', 'MonthlyPayment', 'QuotedAt'],
    count: of(50),
    row: (_, dice) => [
      ...[dice.guid(), dice.between(1, applications), dice.decimal(3, 9, 6), dice.decimal(300, 9000, 4)],
      `${dice.date(2024, 2026)}T${dice.time(3)}-05:00`,
    ],
  },
  {
    table: 'los.RateLock',
    columns: ['ApplicationId', 'Rate', 'LockedUntil', 'LockedBy'],
    count: Math.min(of(30), applications),
    row: (n, dice) => [
      n + 1,
      dice.decimal(3, 9, 6),
      dice.date(2026, 2026),
      dice.onceIn(6) ? null : dice.between(1, EMPLOYEES),
    ],
  },
  {
    table: 'los.Condition',
    columns: ['ConditionId', 'ApplicationId', 'Title', 'DueOn', 'ClearedAt'],
    count: conditions,
    row: (n, dice) => [
      ...[n + 1, dice.between(1, applications), `Condition ${dice.between(1, 400)}`, dice.date(2026, 2027)],
      dice.onceIn(2) ? null : `${dice.date(2026, 2026)}T${dice.time(3)}`,
    ],
  },
  {
    table: 'los.ConditionNote',
    columns: ['ConditionId', 'NoteNumber', 'Note'],
    count: of(20),
    row: (n, dice) => [
      1 + (n % conditions),
      1 + Math.floor(n / conditions),
      dice.pick(NOTES).repeat(dice.between(1, 60)),
    ],
  },
  {
    table: 'los.CreditReport',
    columns: ['CreditReportId', 'CustomerId', 'PulledAt', 'Bureau', 'Answer', 'Scan'],
    count: reports,
    row: (n, dice) => [
      ...[
        n + 1,
        dice.between(1, customers),
        `${dice.date(2024, 2026)}T${dice.time(7)}`,
        dice.pick(['EFX', 'EXP', 'TUC']),
      ],
      ...[
        `<report n="${n}"><score>${dice.between(300, 850)}</score></report>`,
        dice.onceIn(3) ? dice.bytes(dice.between(0, 3000)) : null,
      ],
    ],
  },
  {
    table: 'los.CreditLiability',
    columns: ['CreditReportId', 'LineNumber', 'Creditor', 'Balance', 'Monthly'],
    count: of(60),
    row: (n, dice) => [
      ...[1 + (n % reports), 1 + Math.floor(n / reports), dice.pick(CREDITORS), dice.decimal(0, 90_000, 4)],
      dice.onceIn(5) ? null : dice.decimal(10, 900, 4),
    ],
  },
  {
    table: 'los.IncomeItem',
    columns: ['IncomeItemId', 'ApplicationId', 'Kind', 'Monthly'],
    count: of(40),
    row: (n, dice) => [
      n + 1,
      dice.between(1, applications),
      dice.pick(['salary', 'bonus', 'rent', 'pension']),
      dice.decimal(500, 30_000, 4),
    ],
  },
  {
    table: 'los.AssetItem',
    columns: ['AssetItemId', 'ApplicationId', 'Kind', 'Holder', 'Value'],
    count: of(30),
    row: (n, dice) => [
      ...[n + 1, dice.between(1, applications), dice.pick(['checking', 'savings', '401k', 'gift'])],
      ...[dice.onceIn(3) ? null : dice.pick(CREDITORS), dice.decimal(100, 900_000, 4)],
    ],
  },
  {
    table: 'los.UnderwritingDecision',
    columns: [
      'DecisionId',
      'ApplicationId',
      'Outcome',
      'DebtToIncome',
      'LoanToValue',
      'DecidedAt',
      'Reasons',
    ],
    count: of(20),
    row: (n, dice) => [
      ...[
        n + 1,
        dice.between(1, applications),
        dice.pick(['approve', 'decline', 'refer']),
        dice.decimal(0, 0, 4),
        dice.decimal(0, 1, 4),
      ],
      ...[`${dice.date(2024, 2026)}T${dice.time(3)}`, dice.onceIn(2) ? null : dice.pick(NOTES)],
    ],
  },
  {
    table: 'los.Disclosure',
    columns: ['ApplicationId', 'FormCode', 'SentAt', 'AcceptedAt'],
    count: of(30),
    row: (n, dice) => {
      const form = Math.floor(n / applications);
      return [
        1 + (n % applications),
        `FORM${form}`,
        `2026-0${1 + (form % 9)}-03T${dice.time(7)}-05:00`,
        dice.onceIn(2) ? null : `2026-10-05T${dice.time(7)}-06:00`,
      ];
    },
  },
  {
    table: 'los.Appraisal',
    columns: ['AppraisalId', 'PropertyId', 'Value', 'Effective', 'Remarks'],
    count: of(15),
    row: (n, dice) => [
      n + 1,
      dice.between(1, properties),
      dice.decimal(60_000, 3_000_000, 4),
      dice.date(2025, 2026),
      dice.onceIn(2) ? null : dice.pick(NOTES),
    ],
  },
];
