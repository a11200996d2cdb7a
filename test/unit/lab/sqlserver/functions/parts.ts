import type { Database, Instance } from '../../../../../src/lab/sqlserver/server/instance.ts';
import type { ProductFacts } from '../../../../../src/lab/sqlserver/server/product.ts';
import type { Store } from '../../../../../src/lab/sqlserver/storage/store.ts';

/** An instance and a database behind their contracts, with what functions ask for; anything else throws. */

/** Whatever is asked for beyond its own properties throws. */
function only<T extends object>(name: string, has: Partial<T>): T {
  const rest = new Proxy(
    {},
    {
      get: (_target, key) => {
        throw new Error(`${name}.${String(key)} is not part of this world`);
      },
    },
  );
  return Object.assign(Object.create(rest), has);
}

export const ROWVERSION = Uint8Array.of(0, 0, 0, 0, 0, 0, 7, 209);

const store = only<Store>('store', { rowVersion: ROWVERSION, minimumActiveRowVersion: () => ROWVERSION });

export const database = only<Database>('database', { store });

const product = (release: ProductFacts['release']): ProductFacts => ({
  edition: 'Standard Edition (64-bit)',
  engineEdition: 2,
  tier: 'Standard',
  release,
  major: 15,
  minor: 0,
  build: 2000,
  level: 'RTM',
  update: 'CU12',
  databaseVersion: 904,
  compatibility: 150,
  platform: 'Windows',
  publishes: true,
  distributes: true,
  hasAgent: true,
  changeDataCapture: true,
  backupCompression: true,
  databaseSnapshots: true,
});

export function instance(release: ProductFacts['release']): Instance {
  let next = 0;
  return only<Instance>('instance', {
    name: 'ALPHA\\SQL2019',
    product: product(release),
    random: {
      next: () => 0.25,
      bytes: count => Uint8Array.from({ length: count }, () => next++ & 0xff),
    },
  });
}
