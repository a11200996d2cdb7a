import type { Table } from '../catalog/schema.ts';
import type { LogRecord } from '../storage/store.ts';
import type { Value } from '../values/types.ts';
import { type Article, type CommandForm, keyOf, sentColumns } from './article.ts';
import { literal } from './literals.ts';
import { bracketed } from './places.ts';

/**
 * The command of one change for one article, as sp_browsereplcmds shows it: `{CALL [sp_MSins_dboOrders] (1,N'x')}` or plain
 * SQL; undefined where the article sends nothing (NONE, or only columns that do not travel changed).
 */
export function commandOf(change: LogRecord, table: Table, article: Article): string | undefined {
  switch (change.kind) {
    case 'insert':
      return inserted(table, article, change.after);
    case 'delete':
      return deleted(table, article, change.before);
    case 'update':
      return updated(table, article, change.before, change.after);
    case 'note':
      return undefined;
  }
}

const place = ({ destinationOwner, destination }: Article): string =>
  `${bracketed(destinationOwner)}.${bracketed(destination)}`;

function inserted(table: Table, article: Article, after: readonly Value[]): string | undefined {
  const columns = sentColumns(table, article);
  const values = columns.map(({ column, place: at }) => literal(after[at] ?? null, column.type));
  const form = article.insert;
  if (form.form === 'none') return undefined;
  if (form.form === 'call') return call(form, values);
  return `INSERT INTO ${place(article)} (${columns.map(({ column }) => bracketed(column.name)).join(', ')}) VALUES (${values.join(', ')})`;
}

function deleted(table: Table, article: Article, before: readonly Value[]): string | undefined {
  const key = keyOf(table).map(({ column, place: at }) => ({
    name: column.name,
    value: literal(before[at] ?? null, column.type),
  }));
  const form = article.delete;
  if (form.form === 'none') return undefined;
  if (form.form === 'call') {
    // XCALL sends every column as it was.
    const all = form.style === 'XCALL' ? sentColumns(table, article) : keyOf(table);
    return call(
      form,
      all.map(({ column, place: at }) => literal(before[at] ?? null, column.type)),
    );
  }
  return `DELETE FROM ${place(article)} WHERE ${key.map(({ name, value }) => `${bracketed(name)} = ${value}`).join(' AND ')}`;
}

function updated(
  table: Table,
  article: Article,
  before: readonly Value[],
  after: readonly Value[],
): string | undefined {
  const columns = sentColumns(table, article);
  const form = article.update;
  const changed = columns.map(({ place: at }) => differs(before[at] ?? null, after[at] ?? null));
  if (form.form === 'none' || !changed.includes(true)) return undefined;
  const key = keyOf(table).map(({ column, place: at }) => ({
    name: column.name,
    value: literal(before[at] ?? null, column.type),
  }));
  const news = columns.map(({ column, place: at }) => literal(after[at] ?? null, column.type));
  if (form.form === 'sql') {
    const set = columns.flatMap(({ column }, at) =>
      changed[at] === true ? [`${bracketed(column.name)} = ${news[at]}`] : [],
    );
    return `UPDATE ${place(article)} SET ${set.join(', ')} WHERE ${key.map(({ name, value }) => `${bracketed(name)} = ${value}`).join(' AND ')}`;
  }
  const old = key.map(({ value }) => value);
  if (form.style === 'CALL') return call(form, [...news, ...old]);
  if (form.style === 'XCALL') {
    return call(form, [
      ...columns.map(({ column, place: at }) => literal(before[at] ?? null, column.type)),
      ...news,
    ]);
  }
  // SCALL leaves out what did not change, MCALL sends it; both say by a bitmap what did.
  const values = form.style === 'MCALL' ? news : news.map((value, at) => (changed[at] === true ? value : ''));
  return call(form, [...values, ...old, bitmapOf(changed)]);
}

function bitmapOf(changed: readonly boolean[]): string {
  const bytes = new Uint8Array(Math.ceil(changed.length / 8));
  changed.forEach((bit, at) => {
    const byte = Math.floor(at / 8);
    if (bit) bytes[byte] = (bytes[byte] ?? 0) | (2 ** (at % 8));
  });
  return `0x${Buffer.from(bytes).toString('hex').toUpperCase()}`;
}

const call = (form: Extract<CommandForm, { form: 'call' }>, values: readonly string[]): string =>
  `{CALL ${bracketed(form.procedure)} (${values.join(',')})}`;

/** Byte for byte: a change of case or of trailing blanks travels too, though the collation calls both equal. */
function differs(before: Value, after: Value): boolean {
  if (before instanceof Uint8Array && after instanceof Uint8Array) return Buffer.compare(before, after) !== 0;
  if (typeof before === 'object' && typeof after === 'object') return plain(before) !== plain(after);
  return before !== after;
}

/** datetimeoffset and sql_variant are objects. */
const plain = (value: Value): string =>
  JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each));

const CHUNK = 1024;

/** A command as rows of MSrepl_commands: UTF-16 in pieces of 1024 bytes, all but the last marked as partial. */
export function split(command: string): readonly { readonly partial: boolean; readonly bytes: Uint8Array }[] {
  const bytes = Buffer.from(command, 'utf16le');
  const pieces = Math.max(1, Math.ceil(bytes.length / CHUNK));
  return Array.from({ length: pieces }, (_, at) => ({
    partial: at < pieces - 1,
    bytes: bytes.subarray(at * CHUNK, (at + 1) * CHUNK),
  }));
}

/** The text of a command from its pieces in the order of command_id. */
export const joined = (pieces: readonly Uint8Array[]): string => Buffer.concat(pieces).toString('utf16le');

/**
 * What a distribution agent runs: the ODBC call as T-SQL; an argument that is left out is the parameter's default, one that
 * is no constant (a sql_variant of a type that has none) is put into a variable first.
 *
 * @param place tells the variables of several commands of one batch apart
 */
export function executable(command: string, place = 0): string {
  if (!command.startsWith('{CALL ')) return command;
  const open = command.indexOf('(');
  const procedure = command.slice('{CALL '.length, open).trim();
  const declared: string[] = [];
  const list = splitArguments(command.slice(open + 1, -2)).map(value => {
    if (value === '') return 'DEFAULT';
    if (!value.startsWith('CONVERT(')) return value;
    const name = `@v${place}_${declared.length}`;
    declared.push(`DECLARE ${name} sql_variant = ${value};`);
    return name;
  });
  return `${declared.join(' ')}EXEC ${procedure} ${list.join(', ')}`;
}

/** Commas inside texts and parentheses do not separate. */
function splitArguments(text: string): readonly string[] {
  const found: string[] = [];
  let begin = 0;
  let inside = false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === "'") inside = !inside;
    else if (inside) continue;
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (character === ',' && depth === 0) {
      found.push(text.slice(begin, at));
      begin = at + 1;
    }
  }
  return [...found, text.slice(begin)];
}
