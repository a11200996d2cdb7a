import type { Sketch } from './sketch.ts';
import { CITIES, FIRST_NAMES, LAST_NAMES, STATES } from './words.ts';

const PRODUCTS = ['FIX30', 'FIX15', 'ARM5', 'ARM7', 'FHA30', 'VA30', 'JUMBO', 'HELOC'] as const;
const PURPOSES = ['purchase', 'refinance', 'cash out', 'construction'] as const;
const FORMS = ['W2', 'PAYSTUB', 'BANKSTMT', 'APPRAISAL', 'DEED', 'ID', 'INSURANCE', 'TITLE'] as const;
const ROLES = ['officer', 'Officer', 'underwriter', 'closer', 'auditor'] as const;
const LOCKS = [15, 30, 45, 60] as const;
export const BRANCHES = 12;
export const EMPLOYEES = 90;
export const RATE_SHEETS = 10;

/** Small tables whose size does not depend on how big the database is. */
export const referenceRows = (): readonly Sketch[] => [
  {
    table: 'ref.State',
    columns: ['StateCode', 'Name'],
    count: STATES.length,
    row: n => [STATES[n] ?? 'XX', `State of ${STATES[n]}`],
  },
  {
    table: 'ref.ProductType',
    columns: ['ProductTypeId', 'Code', 'Name', 'TermMonths', 'IsActive'],
    count: PRODUCTS.length,
    row: (n, dice) => [
      n + 1,
      PRODUCTS[n] ?? '',
      `Product ${PRODUCTS[n]}`,
      dice.pick([120, 180, 240, 360]),
      n === 7 ? 0 : 1,
    ],
  },
  {
    table: 'ref.LoanPurpose',
    columns: ['LoanPurposeId', 'Name'],
    count: PURPOSES.length,
    row: n => [n + 1, PURPOSES[n] ?? ''],
  },
  {
    table: 'ref.DocumentType',
    columns: ['DocumentTypeId', 'Code', 'RetentionYears'],
    count: FORMS.length,
    row: (n, dice) => [(n + 1) * 10, FORMS[n] ?? '', dice.between(3, 10)],
  },
  {
    table: 'ref.Fee',
    columns: ['FeeId', 'Code', 'Amount', 'Percentage'],
    count: 20,
    row: (n, dice) =>
      n % 2 === 0
        ? [n + 1, `FEE${n}`, dice.decimal(10, 900, 4), null]
        : [n + 1, `PCT${n}`, null, dice.decimal(0, 2, 6)],
  },
  {
    table: 'ref.RateSheet',
    columns: ['RateSheetId', 'EffectiveFrom', 'EffectiveTo', 'PublishedBy'],
    count: RATE_SHEETS,
    row: (n, dice) => [
      100 + n,
      `2026-0${1 + (n % 9)}-01T${dice.time(7)}`,
      n === RATE_SHEETS - 1 ? null : `2026-0${1 + (n % 9)}-28T23:59:59.9999999`,
      'pricing',
    ],
  },
  {
    table: 'ref.RateSheetRow',
    columns: ['RateSheetId', 'ProductTypeId', 'LockDays', 'Rate', 'Points'],
    count: RATE_SHEETS * PRODUCTS.length * LOCKS.length,
    row: (n, dice) => [
      100 + Math.floor(n / (PRODUCTS.length * LOCKS.length)),
      1 + (Math.floor(n / LOCKS.length) % PRODUCTS.length),
      LOCKS[n % LOCKS.length] ?? 15,
      dice.decimal(3, 8, 6),
      dice.decimal(0, 3, 3),
    ],
  },
  {
    table: 'ref.Holiday',
    columns: ['HolidayDate', 'Name'],
    count: 11,
    row: n => [`2026-${`${n + 1}`.padStart(2, '0')}-01`, `Holiday ${n + 1}`],
  },
  {
    table: 'org.Branch',
    columns: ['BranchId', 'Code', 'Name', 'StateCode', 'ManagerId'],
    count: BRANCHES,
    row: (n, dice) => [n + 1, `BR${n + 1}`, `Branch ${dice.pick(CITIES)}`, dice.pick(STATES), n + 1],
  },
  {
    table: 'org.Employee',
    columns: ['EmployeeId', 'BranchId', 'LoginName', 'FullName', 'HiredOn', 'ShiftStart', 'Salary'],
    count: EMPLOYEES,
    row: (n, dice) => [
      ...[
        n + 1,
        1 + (n % BRANCHES),
        `HARBOR\\employee${n + 1}`,
        `${dice.pick(FIRST_NAMES)} ${dice.pick(LAST_NAMES)}`,
      ],
      ...[dice.date(2001, 2025), dice.onceIn(5) ? null : '08:30:00', dice.decimal(40_000, 190_000, 4)],
    ],
  },
  { table: 'org.Role', columns: ['RoleId', 'Name'], count: ROLES.length, row: n => [n + 1, ROLES[n] ?? ''] },
  {
    table: 'org.EmployeeRole',
    columns: ['EmployeeId', 'RoleId', 'GrantedAt'],
    count: EMPLOYEES,
    row: (n, dice) => [n + 1, dice.between(1, ROLES.length), `${dice.date(2010, 2025)}T09:15:00`],
  },
  {
    table: 'ops.NumberRange',
    columns: ['RangeName', 'NextNumber'],
    count: 4,
    row: n => [`range-${n}`, BigInt(n) * 9_007_199_254_740_993n + 1n],
  },
];
