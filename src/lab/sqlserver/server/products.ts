import type { ProductFacts } from './product.ts';

/** The editions and versions the double can be; builds are real ones (facts: mssql 2.1, 2.2). */

const FULL = {
  platform: 'Windows',
  publishes: true,
  distributes: true,
  hasAgent: true,
} as const;

const STANDARD_2012: ProductFacts = {
  ...FULL,
  edition: 'Standard Edition (64-bit)',
  engineEdition: 2,
  tier: 'Standard',
  release: 2012,
  major: 11,
  minor: 0,
  build: 7001,
  level: 'SP4',
  update: null,
  databaseVersion: 706,
  compatibility: 110,
  changeDataCapture: false,
  backupCompression: true,
  databaseSnapshots: false,
};

const WEB_2016: ProductFacts = {
  edition: 'Web Edition (64-bit)',
  engineEdition: 2,
  tier: 'Web',
  release: 2016,
  major: 13,
  minor: 0,
  build: 6300,
  level: 'SP3',
  update: null,
  databaseVersion: 852,
  compatibility: 130,
  platform: 'Windows',
  publishes: false,
  distributes: false,
  hasAgent: true,
  changeDataCapture: false,
  backupCompression: false,
  databaseSnapshots: true,
};

const EXPRESS_2019: ProductFacts = {
  edition: 'Express Edition (64-bit)',
  engineEdition: 4,
  tier: 'Express',
  release: 2019,
  major: 15,
  minor: 0,
  build: 2000,
  level: 'RTM',
  update: null,
  databaseVersion: 904,
  compatibility: 150,
  platform: 'Windows',
  publishes: false,
  distributes: false,
  hasAgent: false,
  changeDataCapture: false,
  backupCompression: false,
  databaseSnapshots: true,
};

const STANDARD_2022: ProductFacts = {
  ...FULL,
  edition: 'Standard Edition (64-bit)',
  engineEdition: 2,
  tier: 'Standard',
  release: 2022,
  major: 16,
  minor: 0,
  build: 4135,
  level: 'RTM',
  update: 'CU14',
  databaseVersion: 957,
  compatibility: 160,
  changeDataCapture: true,
  backupCompression: true,
  databaseSnapshots: true,
};

const ENTERPRISE_2022: ProductFacts = {
  ...STANDARD_2022,
  edition: 'Enterprise Edition: Core-based Licensing (64-bit)',
  engineEdition: 3,
  tier: 'Enterprise',
};

/** By the name that a double is asked for. */
export const PRODUCTS = {
  '2012-standard': STANDARD_2012,
  '2016-web': WEB_2016,
  '2019-express': EXPRESS_2019,
  '2022-standard': STANDARD_2022,
  '2022-enterprise': ENTERPRISE_2022,
} as const satisfies Readonly<Record<string, ProductFacts>>;

export type ProductName = keyof typeof PRODUCTS;

/** SERVERPROPERTY('ProductVersion'): `16.0.4135.4`. */
export const productVersion = (product: ProductFacts): string =>
  `${product.major}.${product.minor}.${product.build}.${product.release === 2022 ? 4 : 0}`;

/** What LOGINACK calls the program: the double names itself where tools look, never where gates do. */
export const programName = 'Microsoft SQL Server (SQL Server double)';

/** @@VERSION: genuine up to its last line, which says what answers. */
export function versionText(product: ProductFacts): string {
  const level = product.update === null ? product.level : `${product.level}-${product.update}`;
  const title = `Microsoft SQL Server ${product.release} (${level}) - ${productVersion(product)} (X64) `;
  const system =
    product.platform === 'Linux'
      ? 'Linux (Ubuntu 22.04.4 LTS) <X64>'
      : 'Windows Server 2019 Standard 10.0 <X64>';
  return [title, `\t${product.edition} on ${system}`, '\tSQL Server double'].join('\n');
}
