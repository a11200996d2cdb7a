import type { Column } from '../catalog/schema.ts';
import { unsupported } from '../errors.ts';
import type { Database } from '../server/instance.ts';
import type { TableShape } from '../syntax/statements.ts';
import { typeOfParameter } from './objects.ts';
import type { Scope } from './scope.ts';
import { withCollation } from './typed.ts';

/** Columns of RETURNS @t TABLE (…), as far as a caller sees them. */
export function tableOfShape(shape: TableShape, database: Database, scope: Scope): readonly Column[] {
  const keys = new Set(
    shape.constraints.flatMap(constraint =>
      constraint.constraint === 'primary-key' ? constraint.columns.map(key => key.name.toLowerCase()) : [],
    ),
  );
  return shape.columns.map((column, at) => {
    if (column.type === undefined) throw unsupported('a computed column in RETURNS TABLE', column.line);
    const type = typeOfParameter(column.type, database, scope, column.line);
    const primary = column.constraints.some(constraint => constraint.constraint === 'primary-key');
    return {
      id: at + 1,
      name: column.name,
      type: column.collation === undefined ? type : withCollation(type, column.collation),
      nullable: (column.nullable ?? true) && !primary && !keys.has(column.name.toLowerCase()),
      rowguid: column.rowguid,
      sparse: false,
      features: {},
    };
  });
}
