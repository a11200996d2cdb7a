import { unsupported } from '../../errors.ts';
import { converter, isBinary, isString, nvarchar, TINYINT, type Value } from '../../values/index.ts';
import { textArgument } from '../arguments.ts';
import type { ShapeColumn, TableFunction } from '../table-function.ts';
import { follow, missing, parsePath } from './path.ts';
import { type JsonNode, members, parseJson, scalarText } from './scan.ts';

/** The `type` column of OPENJSON. */
const TYPE_NUMBERS = { null: 0, string: 1, number: 2, true: 3, false: 3, array: 4, object: 5 } as const;

const WIDE = nvarchar('max');

const isContainer = (node: JsonNode): boolean => node.kind === 'object' || node.kind === 'array';

const contentOf = (text: string, node: JsonNode): string | null =>
  isContainer(node) ? text.slice(node.start, node.end) : scalarText(text, node);

function* plainRows(text: string, root: JsonNode): Iterable<readonly Value[]> {
  for (const { key, value } of members(text, root)) {
    yield [key, contentOf(text, value), TYPE_NUMBERS[value.kind]];
  }
}

type Cell = (text: string, row: JsonNode) => Value;

/** Reads one column of the WITH clause from an object. */
function cell(column: ShapeColumn): Cell {
  const path = parsePath(column.path ?? `$.${JSON.stringify(column.name)}`);
  const { type } = column;
  if (column.json) {
    if (type.kind !== 'nvarchar' || type.length !== 'max') {
      throw unsupported('AS JSON for a column that is not nvarchar(max)');
    }
  } else if (isBinary(type) || type.kind === 'rowversion') {
    throw unsupported('a binary column in the WITH clause of OPENJSON');
  }
  const convert = converter(WIDE, type);
  return (text, row) => {
    const found = follow(text, row, path);
    if (found === undefined) {
      if (path.strict) throw missing();
      return null;
    }
    if (column.json) return isContainer(found) ? text.slice(found.start, found.end) : null;
    if (isContainer(found)) return null;
    const content = scalarText(text, found);
    if (content === null) return null;
    if (isString(type) && type.length !== 'max' && content.length > type.length) {
      throw unsupported('a text in OPENJSON that is longer than its column');
    }
    return convert(content);
  };
}

function* shapedRows(
  text: string,
  root: JsonNode,
  shape: readonly ShapeColumn[],
): Iterable<readonly Value[]> {
  const cells = shape.map(cell);
  if (root.kind === 'object') {
    yield cells.map(read => read(text, root));
    return;
  }
  for (const { value } of members(text, root)) yield cells.map(read => read(text, value));
}

export const openJson: TableFunction = {
  name: 'openjson',
  minimum: 1,
  maximum: 2,
  since: 2016,
  shaped: true,
  columns: () => [
    { name: 'key', type: nvarchar(4000), nullable: false },
    { name: 'value', type: nvarchar('max'), nullable: true },
    { name: 'type', type: TINYINT, nullable: false },
  ],
  *rows(values, types, _context, shape) {
    const [json = null, given = null] = values;
    const text = textArgument(json, types[0]);
    const pathText = types.length > 1 ? textArgument(given, types[1]) : '$';
    if (text === null || pathText === null) return;
    const path = parsePath(pathText);
    const root = follow(text, parseJson(text), path);
    if (root === undefined) {
      if (path.strict) throw missing();
      return;
    }
    yield* shape === undefined ? plainRows(text, root) : shapedRows(text, root, shape);
  },
};
