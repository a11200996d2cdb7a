import { describe, expect, it } from 'vitest';
import {
  PRODUCTS,
  type ProductName,
  productVersion,
  versionText,
} from '../../../../../src/lab/sqlserver/server/products.ts';
import { startDouble } from '../../../../support/sql-double.ts';

const names = Object.keys(PRODUCTS).filter((name): name is ProductName => name in PRODUCTS);

describe('products', () => {
  it.each(names)(
    '%s tells its genuine version where gates look, and what it is where tools do',
    async name => {
      await using double = await startDouble({ product: name });
      const product = PRODUCTS[name];
      const session = double.session();
      const { rows } = await session.run(
        "SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')), CONVERT(nvarchar(128), SERVERPROPERTY('Edition')), CONVERT(int, SERVERPROPERTY('EngineEdition')), @@VERSION, @@SERVERNAME",
      );
      expect(rows).toEqual([
        [productVersion(product), product.edition, product.engineEdition, versionText(product), 'MIA-SQL1'],
      ]);
      expect(versionText(product).split('\n').at(-1)).toContain('SQL Server double');
      expect(product.edition).not.toContain('double');
      expect(double.instance.version).toEqual({
        major: product.major,
        minor: product.minor,
        build: product.build,
      });
    },
  );

  it('gate by edition and version', () => {
    expect(PRODUCTS['2019-express']).toMatchObject({ hasAgent: false, publishes: false });
    expect(PRODUCTS['2016-web']).toMatchObject({ publishes: false, databaseSnapshots: true });
    expect(PRODUCTS['2012-standard']).toMatchObject({ databaseSnapshots: false, publishes: true });
    expect(names.map(name => PRODUCTS[name].databaseVersion)).toEqual([706, 852, 904, 957, 957]);
  });
});
