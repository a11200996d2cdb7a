import { putSequence } from '../catalog/edit.ts';
import type { Sequence } from '../catalog/schema.ts';
import type { Execution } from '../flow/execution.ts';
import type { DefinitionStatement, SequenceOptions } from '../syntax/definitions.ts';
import { BIGINT, type SqlType } from '../values/types.ts';
import { countable, namedType } from './columns.ts';
import { fault } from './faults.ts';
import { defining, objectNamed, placeOf, requireFree, writableStore, written } from './place.ts';

type CreateSequence = Extract<DefinitionStatement, { readonly statement: 'create-sequence' }>;
type AlterSequence = Extract<DefinitionStatement, { readonly statement: 'alter-sequence' }>;

/** @throws SqlError 2714, 11700 to 11706 */
export function createSequence(statement: CreateSequence, execution: Execution): void {
  const { line, options } = statement;
  const place = placeOf(statement.name, execution, line);
  const transaction = defining(place.database, execution);
  requireFree(transaction.catalog, place, line);
  const shown = written(statement.name);
  const type = statement.type
    ? namedType(statement.type, execution.scope, {
        collation: place.database.collation,
        place: 1,
        column: shown,
        line,
      }).type
    : BIGINT;
  if (!countable(type))
    throw fault(
      11702,
      `The sequence object '${shown}' must be of data type int, bigint, smallint, tinyint, or decimal or numeric with a scale of 0, or any user-defined data type that is based on one of the above integer data types.`,
      line,
      2,
    );
  const [lowest, highest] = limitsOf(type);
  const increment = options.increment ?? 1n;
  const minimum = typeof options.minimum === 'bigint' ? options.minimum : lowest;
  const maximum = typeof options.maximum === 'bigint' ? options.maximum : highest;
  const start = options.start ?? (increment < 0n ? maximum : minimum);
  const store = writableStore(place.database);
  const { now } = execution.evaluation;
  const sequence: Sequence = {
    id: store.nextObjectId(),
    schemaId: place.schemaId,
    name: place.name,
    created: now,
    modified: now,
    shipped: false,
    type,
    start,
    increment,
    minimum,
    maximum,
    cycling: options.cycle ?? false,
    ...cacheOf(options),
  };
  requireSound(sequence, shown, line);
  transaction.define(catalog => putSequence(catalog, sequence));
  store.setSequence(sequence.id, start);
}

const cacheOf = ({ cache }: SequenceOptions): { readonly cache?: number } =>
  cache === undefined ? {} : { cache: cache === 'none' ? 0 : cache };

function limitsOf(type: SqlType): readonly [bigint, bigint] {
  switch (type.kind) {
    case 'tinyint':
      return [0n, 255n];
    case 'smallint':
      return [-32768n, 32767n];
    case 'int':
      return [-2147483648n, 2147483647n];
    case 'decimal':
    case 'numeric': {
      const limit = 10n ** BigInt(type.precision) - 1n;
      return [-limit, limit];
    }
    default:
      return [-9223372036854775808n, 9223372036854775807n];
  }
}

function requireSound(sequence: Sequence, shown: string, line: number): void {
  const { increment, minimum, maximum, start, cache } = sequence;
  if (increment === 0n)
    throw fault(11700, `The increment for sequence object '${shown}' cannot be zero.`, line);
  if (minimum >= maximum)
    throw fault(
      11705,
      `The minimum value for sequence object '${shown}' must be less than its maximum value.`,
      line,
    );
  if (start < minimum || start > maximum)
    throw fault(
      11703,
      `The start value for sequence object '${shown}' must be between the minimum and maximum value of the sequence object.`,
      line,
    );
  const step = increment < 0n ? -increment : increment;
  if (step > maximum - minimum)
    throw fault(
      11701,
      `The absolute value of the increment for sequence object '${shown}' must be less than or equal to the difference between the minimum and maximum value of the sequence object.`,
      line,
    );
  if (cache !== undefined && cache < 0)
    throw fault(11706, `The cache size for sequence object '${shown}' must be greater than 0.`, line);
}

/** RESTART begins again at once, whatever the transaction comes to. @throws SqlError 208, 11701 to 11710 */
export function alterSequence(statement: AlterSequence, execution: Execution): void {
  const { line, options } = statement;
  const shown = written(statement.name);
  const found = objectNamed(statement.name, execution.scope, line);
  if (found?.sequence === undefined) throw fault(208, `Invalid object name '${shown}'.`, line);
  if (options.start !== undefined)
    throw fault(11710, "Argument 'START WITH' cannot be used in an ALTER SEQUENCE statement.", line);
  const transaction = defining(found.database, execution);
  const before = transaction.catalog.sequences.get(found.sequence);
  if (!before) throw fault(208, `Invalid object name '${shown}'.`, line);
  const [lowest, highest] = limitsOf(before.type);
  const limit = (given: bigint | 'none' | undefined, none: bigint, old: bigint): bigint =>
    given === undefined ? old : given === 'none' ? none : given;
  const restart = options.restart;
  const { cache: _old, ...rest } = before;
  const after: Sequence = {
    ...rest,
    ...(options.cache === undefined && before.cache !== undefined
      ? { cache: before.cache }
      : cacheOf(options)),
    start: typeof restart === 'bigint' ? restart : before.start,
    increment: options.increment ?? before.increment,
    minimum: limit(options.minimum, lowest, before.minimum),
    maximum: limit(options.maximum, highest, before.maximum),
    cycling: options.cycle ?? before.cycling,
    modified: execution.evaluation.now,
  };
  requireSound(after, shown, line);
  transaction.define(catalog => putSequence(catalog, after));
  if (restart !== undefined) writableStore(found.database).setSequence(after.id, after.start);
}
