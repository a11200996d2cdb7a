import { SqlError, unsupported } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { AdministrativeStatement, FileSpecification } from '../syntax/administration.ts';
import { collation } from '../values/index.ts';
import { findDatabase, serverOf } from './database-names.ts';
import type { DatabaseFile, NewDatabase } from './instance.ts';
import { requireOnline } from './online.ts';
import { optionText } from './option-text.ts';

type CreateDatabase = Extract<AdministrativeStatement, { statement: 'create-database' }>;
type Files = NonNullable<NewDatabase['files']>;

/** @throws SqlError 1801, 1802, 5170, 448, 1828, 1844 … */
export function createDatabase(statement: CreateDatabase, execution: Execution): void {
  const server = serverOf(execution);
  const { name } = statement;
  server.store.requireFree(name);
  const files = [
    ...statement.files.map(file => fileOf(file, 'ROWS')),
    ...statement.log.map(file => fileOf(file, 'LOG')),
  ];
  if (statement.snapshotOf !== undefined) {
    createSnapshot(statement, files, execution);
    return;
  }
  if (statement.collation !== undefined) collation(statement.collation);
  const owner = server.principals.find(execution.evaluation.session.login)?.sid;
  server.store.create({
    name,
    ...(statement.collation === undefined ? {} : { collation: statement.collation }),
    ...(files.length === 0 ? {} : { files: withLog(name, files) }),
    ...(owner ? { owner } : {}),
  });
}

const KNOWN: ReadonlySet<string> = new Set(['NAME', 'FILENAME', 'SIZE', 'MAXSIZE', 'FILEGROWTH']);

/** Sizes say nothing to the double: its files grow as they must. */
function fileOf({ options }: FileSpecification, type: DatabaseFile['type']): Files[number] {
  const other = options.find(option => !KNOWN.has(option.name));
  if (other) throw unsupported(`the file option ${other.name}`, other.line);
  const text = (wanted: string): string | undefined => {
    const option = options.find(each => each.name === wanted);
    return option && optionText(option.value);
  };
  const logicalName = text('NAME');
  const physicalName = text('FILENAME');
  if (logicalName === undefined || physicalName === undefined)
    throw unsupported('a file without NAME and FILENAME');
  return { logicalName, physicalName, type };
}

/** A log that is not named lies beside the first data file. */
function withLog(name: string, files: Files): Files {
  if (files.some(file => file.type === 'LOG')) return files;
  const beside = files[0]?.physicalName.replace(/[^\\/]*$/, `${name}_log.ldf`) ?? `${name}_log.ldf`;
  return [...files, { logicalName: `${name}_log`, physicalName: beside, type: 'LOG' }];
}

/** @throws SqlError 911, 1844, 1822, 1825, 5127 … */
function createSnapshot(statement: CreateDatabase, files: Files, execution: Execution): void {
  const server = serverOf(execution);
  const sourceName = statement.snapshotOf ?? '';
  const { product } = server;
  if (!product.databaseSnapshots)
    throw new SqlError(1844, `Database Snapshot is not supported on ${product.edition}.`);
  const source = findDatabase(execution, sourceName);
  if (!source)
    throw new SqlError(
      911,
      `Database '${sourceName}' does not exist. Make sure that the name is entered correctly.`,
    );
  if (source.id <= 4) throw unsupported(`a snapshot of ${source.name}`, statement.line);
  if (source.snapshotOf) throw unsupported('a snapshot of a snapshot', statement.line);
  requireOnline(source);
  const wanted = source.files
    .filter(file => file.type === 'ROWS')
    .map(file => file.logicalName.toLowerCase());
  const given = new Set(files.map(file => file.logicalName.toLowerCase()));
  const missing = source.files.find(
    file => file.type === 'ROWS' && !given.has(file.logicalName.toLowerCase()),
  );
  if (missing)
    throw new SqlError(
      5127,
      `All files must be specified for database snapshot creation. Missing the file "${missing.logicalName}".`,
    );
  const extra = files.find(file => !wanted.includes(file.logicalName.toLowerCase()));
  if (extra)
    throw new SqlError(5014, `The file '${extra.logicalName}' does not exist in database '${source.name}'.`);
  server.store.snapshot(
    statement.name,
    source,
    files.map((file, place) => ({ ...file, id: place + 1 })),
  );
}
