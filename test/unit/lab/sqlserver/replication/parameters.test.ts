import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REPLICATION_ROOM } from '../../../../../src/lab/sqlserver/replication/room.ts';
import type {
  ProcedureParameter,
  SystemProcedure,
} from '../../../../../src/lab/sqlserver/system/procedure.ts';
import { type SqlDouble, type SqlSession, startDouble } from '../../../../support/sql-double.ts';

/** Every procedure of replication is as strict with its arguments as SQL Server, before it looks at anything else. */

const PROCEDURES = REPLICATION_ROOM.procedures.map(procedure => [procedure.name, procedure] as const);

const NUMBERS: ReadonlySet<string> = new Set(['int', 'smallint', 'tinyint', 'bit', 'datetime']);

/** A value of the right type that means nothing. */
function anything({ type }: ProcedureParameter): string {
  if (NUMBERS.has(type.kind)) return '1';
  return type.kind === 'varbinary' || type.kind === 'binary' ? '0x01' : "N'x'";
}

const required = ({ parameters }: SystemProcedure): readonly ProcedureParameter[] =>
  parameters.filter(parameter => parameter.default === undefined);

const call = (procedure: SystemProcedure): string =>
  `EXEC sys.${procedure.name} ${required(procedure)
    .map(each => `${each.name} = ${anything(each)}`)
    .join(', ')}`;

let double: SqlDouble;
let session: SqlSession;

beforeAll(async () => {
  double = await startDouble({ product: '2022-enterprise' });
  session = double.session();
});

afterAll(() => double[Symbol.asyncDispose]());

const numbers = async (text: string): Promise<readonly number[]> => (await session.run(text)).numbers;

describe.each(PROCEDURES)('%s', (_, procedure) => {
  const { name, parameters } = procedure;

  test('an unknown parameter is 8145, or 8146 where there are none', async () => {
    expect(await numbers(`EXEC sys.${name} @no_such_parameter = 1`)).toEqual([
      parameters.length === 0 ? 8146 : 8145,
    ]);
  });

  test('too many arguments are 8144, or 8146 where there are none', async () => {
    const given = Array.from({ length: parameters.length + 1 }, () => 'NULL').join(', ');
    expect(await numbers(`EXEC sys.${name} ${given}`)).toEqual([parameters.length === 0 ? 8146 : 8144]);
  });

  test('a parameter given twice is 8143', async () => {
    const [first] = parameters;
    if (first === undefined || parameters.length < 2) return;
    expect(await numbers(`EXEC sys.${name} ${first.name} = NULL, ${first.name} = NULL`)).toEqual([8143]);
  });

  test('without what it needs it is 201', async () => {
    for (const missing of required(procedure)) {
      const others = required(procedure).filter(each => each !== missing);
      const list = others.map(each => `${each.name} = ${anything(each)}`).join(', ');
      expect([missing.name, await numbers(`EXEC sys.${name} ${list}`)]).toEqual([missing.name, [201]]);
    }
  });

  test('a value of another type is 8114', async () => {
    const typed = parameters.filter(({ type }) => NUMBERS.has(type.kind));
    for (const parameter of typed) {
      const others = required(procedure).filter(each => each !== parameter);
      const list = [
        ...others.map(each => `${each.name} = ${anything(each)}`),
        `${parameter.name} = N'no value'`,
      ];
      expect([parameter.name, await numbers(`EXEC sys.${name} ${list.join(', ')}`)]).toEqual([
        parameter.name,
        [8114],
      ]);
    }
  });

  test('OUTPUT is for what gives something back: 8162', async () => {
    const [silent] = parameters.filter(parameter => parameter.output !== true);
    if (silent === undefined) return;
    expect(await numbers(`DECLARE @v nvarchar(20); EXEC sys.${name} ${silent.name} = @v OUTPUT`)).toEqual([
      8162,
    ]);
  });
});

/** Those that change more than one server, or that cannot be undone. */
const ALONE = [
  ...['sp_adddistributor', 'sp_adddistributiondb', 'sp_adddistpublisher', 'sp_replicationdboption'],
  ...['sp_addlogreader_agent', 'sp_addpublication', 'sp_addpublication_snapshot', 'sp_addarticle'],
  ...['sp_addsubscription', 'sp_addpushsubscription_agent', 'sp_refreshsubscriptions'],
  ...['sp_changepublication', 'sp_changearticle', 'sp_dropsubscription', 'sp_droparticle'],
  ...['sp_droppublication', 'sp_dropdistpublisher', 'sp_dropdistributiondb', 'sp_dropdistributor'],
  'sp_subscription_cleanup',
];

test.each(PROCEDURES)('%s inside a transaction', async (name, procedure) => {
  const found = await numbers(`BEGIN TRANSACTION; ${call(procedure)}; IF @@TRANCOUNT > 0 ROLLBACK`);
  expect(found.includes(15002)).toBe(ALONE.includes(name));
});
