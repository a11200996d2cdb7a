import type { Table } from '../catalog/schema.ts';
import { typeText } from '../values/index.ts';
import { type Article, keyOf, sentColumns } from './article.ts';
import { bracketed } from './places.ts';

/**
 * The procedures that a subscriber applies changes with, as sp_scriptpublicationcustomprocs writes them: `sp_MSins_…` takes
 * every column; `sp_MSupd_…` takes new values (default: unchanged), the old key and a bitmap of what changed (SCALL), or new
 * and old values of all columns; `sp_MSdel_…` takes the key. Update and delete raise 20598 where the row is not there.
 */
export function articleProcedures(table: Table, article: Article): readonly string[] {
  const scripts: string[] = [];
  if (article.insert.form === 'call') scripts.push(insertProcedure(table, article, article.insert.procedure));
  if (article.update.form === 'call')
    scripts.push(updateProcedure(table, article, article.update.style, article.update.procedure));
  if (article.delete.form === 'call') scripts.push(deleteProcedure(table, article, article.delete.procedure));
  return scripts;
}

const target = ({ destinationOwner, destination }: Article): string =>
  `${bracketed(destinationOwner)}.${bracketed(destination)}`;

/** At the subscriber a rowversion that travels is binary(8). */
const parameterType = (type: Table['columns'][number]['type']): string =>
  type.kind === 'rowversion' ? 'binary(8)' : typeText(type);

function insertProcedure(table: Table, article: Article, name: string): string {
  const columns = sentColumns(table, article);
  const parameters = columns
    .map(({ column }, at) => `  @c${at + 1} ${parameterType(column.type)}`)
    .join(',\n');
  return `CREATE PROCEDURE ${bracketed(name)}
${parameters}
AS
BEGIN
  INSERT INTO ${target(article)} (${columns.map(({ column }) => bracketed(column.name)).join(', ')})
  VALUES (${columns.map((_, at) => `@c${at + 1}`).join(', ')})
END`;
}

function deleteProcedure(table: Table, article: Article, name: string): string {
  const key = keyOf(table);
  return `CREATE PROCEDURE ${bracketed(name)}
${key.map(({ column }, at) => `  @pkc${at + 1} ${parameterType(column.type)}`).join(',\n')}
AS
BEGIN
  DELETE ${target(article)}
  WHERE ${key.map(({ column }, at) => `${bracketed(column.name)} = @pkc${at + 1}`).join(' AND ')}
  IF @@ROWCOUNT = 0 EXEC sp_MSreplraiserror 20598
END`;
}

function updateProcedure(table: Table, article: Article, style: string, name: string): string {
  const columns = sentColumns(table, article);
  const key = keyOf(table);
  const sparse = style === 'SCALL';
  const values = columns.map(
    ({ column }, at) => `  @c${at + 1} ${parameterType(column.type)}${sparse ? ' = NULL' : ''}`,
  );
  const old = key.map(
    ({ column }, at) => `  @pkc${at + 1} ${parameterType(column.type)}${sparse ? ' = NULL' : ''}`,
  );
  const bitmap = sparse || style === 'MCALL' ? [`  @bitmap binary(${Math.ceil(columns.length / 8)})`] : [];
  const set = columns
    .map(({ column }, at) => ({ column, value: changedValue(column.name, at, bitmap.length > 0) }))
    .filter(({ column }) => column.identity === undefined);
  const where = key.map(({ column }, at) => `${bracketed(column.name)} = @pkc${at + 1}`).join(' AND ');
  return `CREATE PROCEDURE ${bracketed(name)}
${[...values, ...old, ...bitmap].join(',\n')}
AS
BEGIN
  UPDATE ${target(article)} SET
${set.map(({ column, value }) => `    ${bracketed(column.name)} = ${value}`).join(',\n')}
  WHERE ${where}
  IF @@ROWCOUNT = 0 EXEC sp_MSreplraiserror 20598
END`;
}

/** With a bitmap a column keeps its value where its bit is not set. */
function changedValue(name: string, at: number, bitmap: boolean): string {
  if (!bitmap) return `@c${at + 1}`;
  const byte = Math.floor(at / 8) + 1;
  return `CASE SUBSTRING(@bitmap, ${byte}, 1) & ${2 ** (at % 8)} WHEN ${2 ** (at % 8)} THEN @c${at + 1} ELSE ${bracketed(name)} END`;
}
