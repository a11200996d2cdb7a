import type { Column, Table } from '../catalog/schema.ts';
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
  if (article.delete.form === 'call')
    scripts.push(deleteProcedure(table, article, article.delete.style, article.delete.procedure));
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

/** Columns as the parameters that a procedure takes for them. */
interface Parameter {
  readonly column: Column;
  readonly name: string;
}

const parameters = (
  columns: readonly { readonly column: Column }[],
  prefix: string,
  after = 0,
): readonly Parameter[] => columns.map(({ column }, at) => ({ column, name: `@${prefix}${at + 1 + after}` }));

const declared = (list: readonly Parameter[], fallback = ''): readonly string[] =>
  list.map(({ column, name }) => `  ${name} ${parameterType(column.type)}${fallback}`);

/** The row that a command is for: by the parameters that hold its old key. */
function whereKey(table: Table, list: readonly Parameter[]): string {
  const key = new Set(keyOf(table).map(({ column }) => column.id));
  return list
    .filter(({ column }) => key.has(column.id))
    .map(({ column, name }) => `${bracketed(column.name)} = ${name}`)
    .join(' AND ');
}

/** 20598, which names the row by its key. */
function raiseMissing(
  table: Table,
  article: Article,
  list: readonly Parameter[],
  command: 13233 | 13234,
): string {
  const key = new Set(keyOf(table).map(({ column }) => column.id));
  const texts = list
    .filter(({ column }) => key.has(column.id))
    .map(
      ({ column, name }) =>
        `N${literalText(`${bracketed(column.name)} = `)} + CONVERT(nvarchar(100), ${name}, 1)`,
    );
  return `    DECLARE @primarykey_text nvarchar(255) = ${texts.join(" + N', ' + ")}
    EXEC sp_MSreplraiserror @errorid = 20598, @param1 = N${literalText(target(article))}, @param2 = @primarykey_text, @param3 = ${command}`;
}

const literalText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function deleteProcedure(table: Table, article: Article, style: string, name: string): string {
  const old =
    style === 'XCALL' ? parameters(sentColumns(table, article), 'c') : parameters(keyOf(table), 'pkc');
  return `CREATE PROCEDURE ${bracketed(name)}
${declared(old).join(',\n')}
AS
BEGIN
  DELETE ${target(article)}
  WHERE ${whereKey(table, old)}
  IF @@ROWCOUNT = 0
  BEGIN
${raiseMissing(table, article, old, 13234)}
  END
END`;
}

/** SCALL: new values, the old key, a bitmap; MCALL the same without defaults; CALL without the bitmap; XCALL all old, all new. */
function updateProcedure(table: Table, article: Article, style: string, name: string): string {
  const columns = sentColumns(table, article);
  const sparse = style === 'SCALL';
  const old = style === 'XCALL' ? parameters(columns, 'c') : parameters(keyOf(table), 'pkc');
  const news = parameters(columns, 'c', style === 'XCALL' ? columns.length : 0);
  const values = [
    ...declared(style === 'XCALL' ? old : news, sparse ? ' = NULL' : ''),
    ...declared(style === 'XCALL' ? news : old, sparse ? ' = NULL' : ''),
  ];
  const bitmap = sparse || style === 'MCALL' ? [`  @bitmap binary(${Math.ceil(columns.length / 8)})`] : [];
  const set = news.flatMap(({ column, name: value }, at) =>
    column.identity === undefined
      ? [`    ${bracketed(column.name)} = ${bitmap.length > 0 ? changedValue(column.name, at) : value}`]
      : [],
  );
  // A key that cannot be changed, and nothing else: there is no update of such a table.
  if (set.length === 0)
    return `CREATE PROCEDURE ${bracketed(name)}
${[...values, ...bitmap].join(',\n')}
AS
RETURN`;
  return `CREATE PROCEDURE ${bracketed(name)}
${[...values, ...bitmap].join(',\n')}
AS
BEGIN
  UPDATE ${target(article)} SET
${set.join(',\n')}
  WHERE ${whereKey(table, old)}
  IF @@ROWCOUNT = 0
  BEGIN
${raiseMissing(table, article, old, 13233)}
  END
END`;
}

/** With a bitmap a column keeps its value where its bit is not set. */
function changedValue(name: string, at: number): string {
  const byte = Math.floor(at / 8) + 1;
  return `CASE SUBSTRING(@bitmap, ${byte}, 1) & ${2 ** (at % 8)} WHEN ${2 ** (at % 8)} THEN @c${at + 1} ELSE ${bracketed(name)} END`;
}
