import type { Sizes, Sketch } from './sketch.ts';
import { CITIES, FIRST_NAMES, LAST_NAMES, STATES } from './words.ts';

export const partyRows = ({ customers, of }: Sizes): readonly Sketch[] => [
  {
    table: 'party.Customer',
    columns: [
      'CustomerId',
      'CustomerGuid',
      'FirstName',
      'LastName',
      'TaxIdEncrypted',
      'BirthDate',
      'Email',
      'CreditScore',
      'PreferredLanguage',
      'CreatedAt',
    ],
    count: customers,
    row: (n, dice) => [
      ...[
        n + 1,
        dice.guid(),
        dice.pick(FIRST_NAMES),
        dice.pick(LAST_NAMES),
        dice.onceIn(9) ? null : dice.bytes(48),
      ],
      ...[
        dice.date(1935, 2005),
        dice.onceIn(7) ? null : `customer${n}@example.test`,
        dice.onceIn(6) ? null : dice.between(300, 850),
      ],
      ...[dice.pick(['en', 'es', 'ht']), `${dice.date(2015, 2026)}T${dice.time(7)}`],
    ],
  },
  {
    table: 'party.CustomerAddress',
    columns: ['AddressId', 'CustomerId', 'Line1', 'City', 'StateCode', 'PostalCode', 'MovedIn'],
    count: of(80),
    row: (n, dice) => [
      ...[
        n + 1,
        dice.between(1, customers),
        `${dice.between(1, 9999)} ${dice.pick(LAST_NAMES)} Ave`,
        dice.pick(CITIES),
      ],
      ...[
        dice.pick(STATES),
        `${dice.between(10_000, 99_999)}`,
        dice.onceIn(4) ? null : dice.date(1999, 2026),
      ],
    ],
  },
  {
    table: 'party.CustomerPhone',
    columns: ['CustomerId', 'Kind', 'Number'],
    count: Math.min(of(80), 3 * customers),
    row: (n, dice) => [
      1 + (n % customers),
      'HMW'.charAt(Math.floor(n / customers)),
      `+1 305 555 ${`${dice.between(0, 9999)}`.padStart(4, '0')}`,
    ],
  },
  {
    table: 'party.Consent',
    columns: ['ConsentId', 'CustomerId', 'Given', 'Withdrawn', 'Channel'],
    count: of(30),
    row: (_, dice) => [
      ...[
        dice.guid(),
        dice.between(1, customers),
        `${dice.date(2019, 2026)}T${dice.time(7)}${dice.pick(['-05:00', '-06:00', '+00:00', '+05:30'])}`,
      ],
      ...[
        dice.onceIn(5) ? `${dice.date(2026, 2026)}T${dice.time(3)}-04:00` : null,
        dice.pick(['web', 'branch', 'phone']),
      ],
    ],
  },
  {
    table: 'party.CustomerHistory',
    columns: ['CustomerId', 'ValidFrom', 'ValidTo', 'LastName', 'Email'],
    count: of(30),
    row: (n, dice) => {
      const year = 2000 + (Math.floor(n / customers) % 26);
      return [
        1 + (n % customers),
        `${year}-01-01T00:00:00.0000000`,
        `${year}-12-31T23:59:59.9999999`,
        dice.pick(LAST_NAMES),
        null,
      ];
    },
  },
];
