import type { Catalog, Column } from '../catalog/schema.ts';
import { DEFAULT_COLLATION, type SqlType } from '../values/types.ts';

/** One built-in type as sys.types lists it. */
export interface BuiltInType {
  readonly name: string;
  readonly systemTypeId: number;
  readonly userTypeId: number;
  readonly maxLength: number;
  readonly precision: number;
  readonly scale: number;
  readonly text: boolean;
  readonly assembly: boolean;
  readonly nullable: boolean;
}

const type = (
  name: string,
  systemTypeId: number,
  maxLength: number,
  precision = 0,
  scale = 0,
  more: Partial<BuiltInType> = {},
): BuiltInType => ({
  name,
  systemTypeId,
  userTypeId: systemTypeId,
  maxLength,
  precision,
  scale,
  text: false,
  assembly: false,
  nullable: true,
  ...more,
});

const TEXT = { text: true };

export const BUILT_IN_TYPES: readonly BuiltInType[] = [
  type('image', 34, 16),
  type('text', 35, 16, 0, 0, TEXT),
  type('uniqueidentifier', 36, 16),
  type('date', 40, 3, 10),
  type('time', 41, 5, 16, 7),
  type('datetime2', 42, 8, 27, 7),
  type('datetimeoffset', 43, 10, 34, 7),
  type('tinyint', 48, 1, 3),
  type('smallint', 52, 2, 5),
  type('int', 56, 4, 10),
  type('smalldatetime', 58, 4, 16),
  type('real', 59, 4, 24),
  type('money', 60, 8, 19, 4),
  type('datetime', 61, 8, 23, 3),
  type('float', 62, 8, 53),
  type('sql_variant', 98, 8016),
  type('ntext', 99, 16, 0, 0, TEXT),
  type('bit', 104, 1, 1),
  type('decimal', 106, 17, 38, 38),
  type('numeric', 108, 17, 38, 38),
  type('smallmoney', 122, 4, 10, 4),
  type('bigint', 127, 8, 19),
  type('hierarchyid', 240, 892, 0, 0, { userTypeId: 128, assembly: true }),
  type('geometry', 240, -1, 0, 0, { userTypeId: 129, assembly: true }),
  type('geography', 240, -1, 0, 0, { userTypeId: 130, assembly: true }),
  type('varbinary', 165, 8000),
  type('varchar', 167, 8000, 0, 0, TEXT),
  type('binary', 173, 8000),
  type('char', 175, 8000, 0, 0, TEXT),
  type('timestamp', 189, 8, 0, 0, { nullable: false }),
  type('nvarchar', 231, 8000, 0, 0, TEXT),
  type('nchar', 239, 8000, 0, 0, TEXT),
  type('xml', 241, -1),
  type('sysname', 231, 256, 0, 0, { userTypeId: 256, text: true, nullable: false }),
];

const BY_NAME = new Map(BUILT_IN_TYPES.map(each => [each.name, each]));
const BY_USER_ID = new Map(BUILT_IN_TYPES.map(each => [each.userTypeId, each]));

export const builtInType = (name: string): BuiltInType | undefined =>
  BY_NAME.get(name.toLowerCase() === 'rowversion' ? 'timestamp' : name.toLowerCase());

export const builtInTypeById = (userTypeId: number): BuiltInType | undefined => BY_USER_ID.get(userTypeId);

/** The type of sys.types behind a type of the double. */
export const builtInTypeOf = (value: SqlType): BuiltInType => {
  const found = BY_NAME.get(value.kind === 'rowversion' ? 'timestamp' : value.kind);
  if (found === undefined) throw new Error(`no type ${value.kind}`);
  return found;
};

/** system_type_id, user_type_id, max_length in bytes, precision, scale and collation_name as sys.columns gives them. */
export function storedType(column: { readonly type: SqlType; readonly userType?: number }): {
  readonly system_type_id: number;
  readonly user_type_id: number;
  readonly max_length: number;
  readonly precision: number;
  readonly scale: number;
  readonly collation_name: string | null;
} {
  const { type: value } = column;
  const builtIn = builtInTypeOf(value);
  return {
    system_type_id: builtIn.systemTypeId,
    user_type_id: column.userType ?? builtIn.userTypeId,
    ...lengthOf(value, builtIn),
    collation_name: 'collation' in value ? value.collation : null,
  };
}

function lengthOf(value: SqlType, builtIn: BuiltInType) {
  const facts = (max_length: number, precision = 0, scale = 0) => ({ max_length, precision, scale });
  switch (value.kind) {
    case 'char':
    case 'varchar':
    case 'binary':
    case 'varbinary':
      return facts(value.length === 'max' ? -1 : value.length);
    case 'nchar':
    case 'nvarchar':
      return facts(value.length === 'max' ? -1 : value.length * 2);
    case 'decimal':
    case 'numeric': {
      const { precision, scale } = value;
      return facts(precision <= 9 ? 5 : precision <= 19 ? 9 : precision <= 28 ? 13 : 17, precision, scale);
    }
    case 'time':
      return facts(3 + fraction(value.scale), value.scale === 0 ? 8 : 9 + value.scale, value.scale);
    case 'datetime2':
      return facts(6 + fraction(value.scale), value.scale === 0 ? 19 : 20 + value.scale, value.scale);
    case 'datetimeoffset':
      return facts(8 + fraction(value.scale), value.scale === 0 ? 26 : 27 + value.scale, value.scale);
    default:
      return facts(builtIn.maxLength, builtIn.precision, builtIn.scale);
  }
}

const fraction = (scale: number): number => (scale <= 2 ? 0 : scale <= 4 ? 1 : 2);

/** Name of the type of a column: the alias where it has one. */
export function columnTypeName(catalog: Catalog, column: Pick<Column, 'type' | 'userType'>): string {
  if (column.userType !== undefined)
    return (
      catalog.types.get(column.userType)?.name ??
      builtInTypeById(column.userType)?.name ??
      builtInTypeOf(column.type).name
    );
  return builtInTypeOf(column.type).name;
}

export { DEFAULT_COLLATION };
