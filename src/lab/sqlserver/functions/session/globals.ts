import { unsupported } from '../../errors.ts';
import { versionText } from '../../server/products.ts';
import { INT, nvarchar, type SqlType, SYSNAME, TINYINT, type Value, varbinary } from '../../values/index.ts';
import type { FunctionContext, GlobalVariable } from '../function.ts';

/** The values of `@@name`. */

const global = (name: string, type: SqlType, value: (context: FunctionContext) => Value): GlobalVariable => ({
  name: `@@${name}`,
  type,
  value,
});

/** Bits of SET options as @@OPTIONS has them. */
function options({ session }: FunctionContext): number {
  const set = session.options;
  const bits: readonly (readonly [boolean, number])[] = [
    [set.implicitTransactions, 2],
    [set.ansiWarnings, 8],
    [set.ansiPadding, 16],
    [set.ansiNulls, 32],
    [set.arithAbort, 64],
    [set.quotedIdentifier, 256],
    [set.nocount, 512],
    [true, 1024],
    [set.concatNullYieldsNull, 4096],
    [set.numericRoundAbort, 8192],
    [set.xactAbort, 16_384],
  ];
  return bits.reduce((sum, [on, bit]) => (on ? sum + bit : sum), 0);
}

const version = ({ instance }: FunctionContext): string => versionText(instance.product);

const serviceName = (name: string): string => name.split('\\')[1]?.toUpperCase() ?? 'MSSQLSERVER';

const refuse = (name: string) => (): never => {
  throw unsupported(name);
};

/** us_english is 0: the only language the double has. */
const LANGUAGE_ID = 0;

export const GLOBALS: readonly GlobalVariable[] = [
  global('rowcount', INT, context => context.session.rowCount),
  global('error', INT, context => context.session.lastError),
  global('trancount', INT, context => context.session.transactionCount),
  global('identity', { kind: 'numeric', precision: 38, scale: 0 }, context => context.session.identity),
  global('spid', { kind: 'smallint' }, context => context.session.id),
  global('fetch_status', INT, context => context.session.fetchStatus),
  global('nestlevel', INT, context => context.session.nestLevel),
  global('datefirst', TINYINT, context => context.session.options.dateFirst),
  global('language', SYSNAME, context => context.session.options.language),
  global('langid', { kind: 'smallint' }, context =>
    context.session.options.language.toLowerCase() === 'us_english' ? LANGUAGE_ID : refuse('@@LANGID')(),
  ),
  global('lock_timeout', INT, context => context.session.options.lockTimeout),
  global('max_precision', TINYINT, () => 38),
  global('max_connections', INT, () => 32_767),
  global('textsize', INT, context => context.session.options.textSize),
  global('options', INT, options),
  global('dbts', varbinary(8), context => context.database.store?.rowVersion ?? null),
  global('version', nvarchar(300), version),
  global('servername', nvarchar(128), context => context.instance.name),
  global('servicename', nvarchar(128), context => serviceName(context.instance.name)),
  global('procid', INT, context => context.session.procedure?.id ?? 0),
  global('microsoftversion', INT, ({ instance: { product } }) => {
    const { major, minor, build } = product;
    return major * 0x1_00_0000 + minor * 0x1_0000 + build;
  }),
];
