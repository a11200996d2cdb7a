import { describe, expect, it } from 'vitest';
import { readCatalog } from '../../../../src/database/catalog/read.ts';
import { databaseTables } from '../../../../src/database/catalog/tables.ts';
import type { Catalog, Table } from '../../../../src/database/catalog/types.ts';
import { PRODUCTS, type ProductName } from '../../../../src/lab/sqlserver/server/products.ts';
import { MODULES, SCHEMA } from '../../../../src/lab/sqlserver/workload/schema.ts';
import { SA_PASSWORD, startDouble } from '../../../support/sql-double.ts';
import { serverAt } from './server.ts';

const PRODUCT_NAMES = Object.keys(PRODUCTS).filter((name): name is ProductName => name in PRODUCTS);

async function catalogOf(product: ProductName, batches: readonly string[]): Promise<Catalog> {
  await using double = await startDouble({ product });
  const session = double.session();
  for (const batch of batches) {
    const { errors } = await session.run(batch);
    if (errors.length > 0) throw new Error(`${errors[0]?.text}: ${batch}`);
  }
  session.end();
  const server = serverAt('publisher', double.port, SA_PASSWORD);
  try {
    return await readCatalog(server, 'publisher', 'app');
  } finally {
    await server.close();
  }
}

const table = (catalog: Catalog, name: string): Table => {
  const found = catalog.tables.find(each => `${each.schema}.${each.name}` === name);
  if (found === undefined) throw new Error(`no table ${name}`);
  return found;
};

describe('the catalog of a database', () => {
  it.each(PRODUCT_NAMES)('is read from a double of %s, whole', async product => {
    const catalog = await catalogOf(product, [...SCHEMA, ...MODULES]);
    const creates = SCHEMA.filter(batch => batch.startsWith('CREATE TABLE')).length;
    expect(catalog.tables).toHaveLength(creates);
    expect(catalog.schemas).toEqual(['dbo', 'doc', 'fin', 'los', 'ops', 'org', 'party', 'ref']);
    expect(catalog.modules.map(each => `${each.schema}.${each.name}`)).toEqual([
      'fin.fn_Outstanding',
      'fin.usp_PostPayment',
      'los.usp_SubmitApplication',
      'los.vw_Pipeline',
    ]);
    expect(catalog.sequences).toEqual([
      {
        ...{ schema: 'fin', name: 'LoanNumber', type: 'bigint', start: '700000001', increment: '1' },
        ...{ minimum: '-9223372036854775808', maximum: '9223372036854775807', cycles: false },
        ...{ cache: 50, current: '700000001' },
      },
    ]);
    const customer = table(catalog, 'party.Customer');
    expect(customer.columns.find(column => column.name === 'CustomerId')).toMatchObject({
      type: 'bigint',
      nullable: false,
      identity: { seed: '1', increment: '1', notForReplication: false },
    });
    expect(customer.columns.find(column => column.name === 'CustomerGuid')).toMatchObject({
      rowGuid: true,
      default: { name: 'DF_Customer_Guid', systemNamed: false },
    });
    expect(
      customer.indexes.map(index => [index.name, index.kind, index.primaryKey, index.uniqueConstraint]),
    ).toEqual([
      ['PK_Customer', 'CLUSTERED', true, false],
      ['UQ_Customer_Guid', 'NONCLUSTERED', false, true],
      ['IX_Customer_Name', 'NONCLUSTERED', false, false],
    ]);
    expect(customer.indexes.at(-1)?.columns).toEqual([
      { name: 'LastName', descending: false, included: false },
      { name: 'FirstName', descending: false, included: false },
      { name: 'Email', descending: false, included: true },
    ]);
    expect(customer.triggers).toMatchObject([
      { name: 'tr_Customer_Audit', events: ['INSERT', 'UPDATE', 'DELETE'], disabled: false },
    ]);
    expect(table(catalog, 'los.ConditionNote').foreignKeys).toMatchObject([
      {
        columns: ['ConditionId'],
        references: { schema: 'los', name: 'Condition' },
        referencedColumns: ['ConditionId'],
        onDelete: 'CASCADE',
      },
    ]);
    expect(table(catalog, 'ref.Fee').checks).toMatchObject([{ name: 'CK_Fee_One', disabled: false }]);
  });

  it('says how the rows of each table travel', async () => {
    const catalog = await catalogOf('2022-standard', SCHEMA);
    const tables = databaseTables(catalog);
    const by = Object.groupBy(tables, each => each.carriedBy);
    expect(by.reload?.map(each => each.name)).toEqual(['AuditEntry', 'IntegrationMessage', 'Holiday']);
    expect(by.none ?? []).toEqual([]);
    const payment = tables.find(each => each.name === 'Payment');
    expect(payment?.key).toEqual(['PaymentId']);
    expect(payment?.columns.filter(column => !column.carried).map(column => column.name)).toEqual(['Total']);
  });

  it('leaves out what belongs to landfall, and shows names as they are', async () => {
    const catalog = await catalogOf('2022-standard', [
      'CREATE SCHEMA landfall',
      'CREATE TABLE landfall.marker (id int NOT NULL PRIMARY KEY)',
      'CREATE TYPE dbo.[Ein]]fach] FROM nvarchar(20) NOT NULL',
      'CREATE TYPE dbo.Lines AS TABLE (Line int NOT NULL PRIMARY KEY, Note nvarchar(40) NULL)',
      "CREATE TABLE dbo.[Größe ]]' 😀] ([a b] dbo.[Ein]]fach] NOT NULL PRIMARY KEY, n decimal(38,10) NULL, [ ] datetime2(3) NULL)",
      'CREATE SYNONYM dbo.Far FOR [other].[dbo].[t]',
      'CREATE SEQUENCE dbo.s AS decimal(20,0) START WITH 12345678901234567890 NO CACHE CYCLE',
    ]);
    expect(catalog.schemas).toEqual(['dbo']);
    expect(catalog.tables.map(each => each.name)).toEqual(["Größe ]' 😀"]);
    const [only] = catalog.tables;
    expect(only?.columns.map(column => column.name)).toEqual(['a b', 'n', ' ']);
    expect(only?.columns[0]).toMatchObject({
      type: 'nvarchar',
      length: 40,
      userType: { schema: 'dbo', name: 'Ein]fach' },
    });
    expect(catalog.types).toEqual([
      { schema: 'dbo', name: 'Ein]fach', definition: 'nvarchar(20) NOT NULL' },
      {
        schema: 'dbo',
        name: 'Lines',
        definition: expect.stringContaining('[Line] int NOT NULL'),
      },
    ]);
    expect(catalog.synonyms).toEqual([{ schema: 'dbo', name: 'Far', target: '[other].[dbo].[t]' }]);
    expect(catalog.sequences).toMatchObject([
      { type: 'decimal(20,0)', start: '12345678901234567890', cache: 0, cycles: true },
    ]);
  });
});
