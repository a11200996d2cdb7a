/** Names and texts of the workload, with what upsets a careless copy: accents, quotes, wide characters, trailing blanks. */

export const FIRST_NAMES = [
  'Ana',
  'José',
  'Maria',
  'Li',
  "D'Arcy",
  'Björn',
  'Zoë',
  'Ibrahim',
  'Łukasz',
  '明',
  'Grace',
  'Noah',
] as const;
export const LAST_NAMES = [
  'García',
  "O'Neill",
  'Smith',
  'SMITH',
  'smith ',
  'Nguyễn',
  'Müller',
  'Østergård',
  '李',
  'de la Cruz',
  'Brown',
] as const;
export const CITIES = [
  'Miami',
  'Coral Gables',
  'Hialeah',
  'Saint Petersburg',
  'Cañon City',
  'Dallas',
  "Coeur d'Alene",
] as const;
export const STATES = [
  'AL',
  'AZ',
  'CA',
  'CO',
  'FL',
  'GA',
  'IL',
  'LA',
  'MS',
  'NC',
  'NY',
  'OK',
  'SC',
  'TN',
  'TX',
  'VA',
] as const;
export const STATUSES = ['draft', 'submitted', 'underwriting', 'approved', 'declined', 'closed'] as const;
export const CREDITORS = ['First Bank', 'Card & Co.', 'Auto <Lease>', 'Student Aid', 'Store "Plus"'] as const;
export const NOTES = [
  'Borrower called.',
  'Needs last two pay stubs;\r\nsent reminder.',
  'Tabs\tand quotes "here" and \'there\'.',
  'Emoji 🏠 and 漢字 in one note',
  '',
  'Trailing blanks   ',
] as const;
