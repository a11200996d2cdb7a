import { SqlError } from '../../errors.ts';
import { nvarchar, type Value } from '../../values/index.ts';
import { stringType, textArgument } from '../arguments.ts';
import { define, refused, type Types } from '../define.ts';
import { follow, missing, parsePath } from './path.ts';
import { parseJson, scalarText } from './scan.ts';

const LONGEST = 4000;

const isjson = define({
  name: 'isjson',
  count: 1,
  since: 2016,
  type: ([type]) => {
    stringType(type, 1, 'isjson');
    return { kind: 'int' };
  },
  evaluate: ([value = null], [type]) => {
    try {
      const { kind } = parseJson(textArgument(value, type) ?? '');
      return kind === 'object' || kind === 'array' ? 1 : 0;
    } catch (error) {
      if (error instanceof SqlError && error.number === 13_609) return 0;
      throw error;
    }
  },
});

const notScalar = (): SqlError =>
  new SqlError(13_623, 'Scalar value cannot be found in the specified JSON path.', { state: 2 });
const notContainer = (): SqlError =>
  new SqlError(13_624, 'Object or array cannot be found in the specified JSON path.', { state: 2 });
const tooLong = (): SqlError =>
  new SqlError(13_625, 'String value in the specified JSON path would be truncated.', { state: 1 });

const read = (values: readonly Value[], types: Types) => {
  const text = textArgument(values[0] ?? null, types[0]) ?? '';
  const path = parsePath(types.length > 1 ? (textArgument(values[1] ?? null, types[1]) ?? '$') : '$');
  const found = follow(text, parseJson(text), path);
  if (found === undefined && path.strict) throw missing();
  return { text, found, strict: path.strict };
};

const jsonValue = define({
  name: 'json_value',
  count: 2,
  since: 2016,
  type: nvarchar(LONGEST),
  evaluate: (values, types) => {
    const { text, found, strict } = read(values, types);
    if (found === undefined) return null;
    if (found.kind === 'object' || found.kind === 'array') {
      if (strict) throw notScalar();
      return null;
    }
    const scalar = scalarText(text, found);
    if (scalar === null || scalar.length <= LONGEST) return scalar;
    if (strict) throw tooLong();
    return null;
  },
});

const jsonQuery = define({
  name: 'json_query',
  count: [1, 2],
  since: 2016,
  type: nvarchar('max'),
  evaluate: (values, types) => {
    const { text, found, strict } = read(values, types);
    if (found === undefined) return null;
    if (found.kind === 'object' || found.kind === 'array') return text.slice(found.start, found.end);
    if (strict) throw notContainer();
    return null;
  },
});

export const JSON_FUNCTIONS = [isjson, jsonValue, jsonQuery, refused('json_modify')];
