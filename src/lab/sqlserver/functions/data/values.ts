import { INT, implicitConverter, isString, type SqlType, type Value } from '../../values/index.ts';
import { define } from '../define.ts';

const converters = new WeakMap<SqlType, WeakMap<SqlType, (value: Value) => Value>>();

function conversion(from: SqlType, to: SqlType): (value: Value) => Value {
  let known = converters.get(from);
  if (known === undefined) {
    known = new WeakMap();
    converters.set(from, known);
  }
  let convert = known.get(to);
  if (convert === undefined) {
    convert = implicitConverter(from, to);
    known.set(to, convert);
  }
  return convert;
}

/** The second value takes the type of the first, and its length. */
const isnull = define({
  name: 'isnull',
  count: 2,
  takesNull: true,
  type: ([type, other]) => {
    const target = type ?? other ?? INT;
    if (other !== undefined) implicitConverter(other, target);
    return target;
  },
  evaluate: ([value = null, other = null], [type, otherType]) => {
    if (value !== null || other === null) return value;
    if (type === undefined || otherType === undefined) return other;
    return conversion(otherType, type)(other);
  },
});

const NUMBER = /^\s*[+-]?\s*(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?\s*$/;
/** Also a bare sign, point, comma or currency, which SQL Server takes for money. */
const MONEY = /^\s*(?=\S)[+-]?\s*[$€£¥¤]?\s*[+-]?[\d,]*\.?\d*\s*$/;

const NUMERIC: ReadonlySet<string> = new Set([
  'bit',
  'tinyint',
  'smallint',
  'int',
  'bigint',
  'decimal',
  'numeric',
  'money',
  'smallmoney',
  'float',
  'real',
]);

const isnumeric = define({
  name: 'isnumeric',
  count: 1,
  takesNull: true,
  type: INT,
  evaluate: ([value = null], [type]) => {
    if (value === null || type === undefined) return 0;
    if (isString(type) && typeof value === 'string') return NUMBER.test(value) || MONEY.test(value) ? 1 : 0;
    return NUMERIC.has(type.kind) ? 1 : 0;
  },
});

export const VALUES = [isnull, isnumeric];
