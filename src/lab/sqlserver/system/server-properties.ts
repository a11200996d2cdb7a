import { join } from 'node:path';
import type { Instance } from '../server/instance.ts';
import type { ProductFacts } from '../server/product.ts';
import { productVersion } from '../server/products.ts';
import { comparisonStyle } from './functions/databases.ts';
import { instanceName, machineName } from './names.ts';

/** EditionID of each edition, as SQL Server gives it. */
const EDITION_IDS: Readonly<Record<ProductFacts['tier'], bigint>> = {
  Enterprise: 1804890536n,
  Developer: -2117995310n,
  Standard: -1534726760n,
  Web: 1293598313n,
  Express: -1592396055n,
};

type Property = string | number | bigint | boolean | null;

/** SERVERPROPERTY; null for an unknown property, or one that this release does not have yet. */
export function serverProperty(instance: Instance, property: string): Property {
  const { product } = instance;
  const find = PROPERTIES[property.toLowerCase()];
  if (find === undefined || (find.since ?? 0) > product.release) return null;
  return find.value(instance, product);
}

interface Known {
  readonly since?: number;
  value(instance: Instance, product: ProductFacts): Property;
}

const always = (value: Property, since?: number): Known => ({
  ...(since === undefined ? {} : { since }),
  value: () => value,
});

const collation = (instance: Instance): string =>
  instance.databases.get('master')?.collation ?? 'SQL_Latin1_General_CP1_CI_AS';

const PROPERTIES: Readonly<Record<string, Known>> = {
  servername: { value: instance => instance.name },
  machinename: { value: instance => machineName(instance.name) },
  computernamephysicalnetbios: { value: instance => machineName(instance.name) },
  instancename: { value: instance => instanceName(instance.name) },
  edition: { value: (_instance, product) => product.edition },
  editionid: { value: (_instance, product) => EDITION_IDS[product.tier] },
  engineedition: { value: (_instance, product) => product.engineEdition },
  productversion: { value: (_instance, product) => productVersion(product) },
  productlevel: { value: (_instance, product) => product.level },
  productupdatelevel: { value: (_instance, product) => product.update },
  productupdatereference: always(null),
  productmajorversion: { value: (_instance, product) => String(product.major) },
  productminorversion: { value: (_instance, product) => String(product.minor) },
  productbuild: { value: (_instance, product) => String(product.build) },
  productbuildtype: { value: (_instance, product) => (product.update === null ? null : 'GDR') },
  resourceversion: { value: (_instance, product) => productVersion(product) },
  buildclrversion: always('v4.0.30319'),
  collation: { value: collation },
  collationid: always(872468488),
  comparisonstyle: { value: instance => comparisonStyle(collation(instance)) },
  lcid: always(1033),
  sqlcharset: always(1),
  sqlcharsetname: always('iso_1'),
  sqlsortorder: { value: instance => (collation(instance).startsWith('SQL_Latin1_General_CP1_CI') ? 52 : 0) },
  sqlsortordername: {
    value: instance =>
      collation(instance).startsWith('SQL_Latin1_General_CP1_CI') ? 'nocase_iso' : 'bin_ascii_8',
  },
  isclustered: always(0),
  isfulltextinstalled: always(0),
  ishadrenabled: always(0),
  hadrmanagerstatus: always(2),
  isintegratedsecurityonly: always(0),
  issingleuser: always(0),
  islocaldb: always(0),
  isxtpsupported: { since: 2014, value: (_instance, product) => Number(product.release >= 2016) },
  ispolybaseinstalled: always(0, 2016),
  isadvancedanalyticsinstalled: always(0, 2016),
  isbigdatacluster: always(0, 2019),
  istempdbmetadatamemoryoptimized: always(0, 2019),
  isexternalauthenticationonly: always(0, 2022),
  isserversuspendedforsnapshotbackup: always(0, 2022),
  suspendeddatabasecount: always(0, 2022),
  licensetype: always('DISABLED'),
  numlicenses: always(null),
  processid: always(process.pid),
  filestreamconfiguredlevel: always(0),
  filestreameffectivelevel: always(0),
  filestreamsharename: { value: instance => instanceName(instance.name) ?? 'MSSQLSERVER' },
  instancedefaultdatapath: { value: instance => join(instance.directory, 'data', '/') },
  instancedefaultlogpath: { value: instance => join(instance.directory, 'data', '/') },
  instancedefaultbackuppath: { since: 2019, value: instance => join(instance.directory, 'backup') },
  errorlogfilename: { value: instance => join(instance.directory, 'log', 'ERRORLOG') },
  pathseparator: {
    since: 2017,
    value: (_instance, product) => (product.platform === 'Windows' ? '\\' : '/'),
  },
};
