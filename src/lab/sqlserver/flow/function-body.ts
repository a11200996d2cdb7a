import type { StoredModule } from '../catalog/schema.ts';
import { unsupported } from '../errors.ts';
import type { Database } from '../server/instance.ts';
import type { Value } from '../values/types.ts';
import type { StatementEvaluation } from './evaluation.ts';

export function runScalarFunction(
  _evaluation: StatementEvaluation,
  _database: Database,
  _module: number,
  _values: readonly Value[],
): Value {
  throw unsupported('functions in T-SQL');
}

export function runTableFunction(
  _evaluation: StatementEvaluation,
  _database: Database,
  _module: number,
  _values: readonly Value[],
): Iterable<readonly Value[]> {
  throw unsupported('table functions in T-SQL');
}

export type { StoredModule };
