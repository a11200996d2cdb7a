import { SqlError, unsupported } from '../errors.ts';
import type { ForClause } from '../syntax/queries.ts';
import { nvarchar, type SqlType, type Value } from '../values/index.ts';
import type { Binding } from './binding.ts';
import { PAUSE, type Row } from './bound.ts';
import { hold, sizeOf } from './memory.ts';
import type { LeafColumn } from './names.ts';
import type { InnerQuery } from './query.ts';
import { chunks, rendered } from './rendering.ts';

type Clause = Extract<ForClause, { kind: 'xml' }>;

const NAME = 'XML_F52E2B61-18A1-11d1-B105-00805F49916B';

interface Options {
  readonly elements: boolean;
  readonly type: boolean;
  readonly root: string | undefined;
  readonly base64: boolean;
}

/** FOR XML RAW, PATH and AUTO over one table; the rest is refused. */
export function forXml(
  inner: InnerQuery,
  clause: Clause,
  binding: Binding,
  line: number,
  outermost: boolean,
): InnerQuery {
  const options = optionsOf(clause, line);
  const write =
    clause.mode === 'path' ? pathRow(inner.columns, clause, line) : flatRow(inner, clause, options, line);
  const type: SqlType = options.type ? { kind: 'xml' } : nvarchar('max', binding.scope.database.collation);
  return {
    columns: [{ name: NAME, type, nullable: true, identity: false }],
    assigns: false,
    get reach() {
      return inner.reach;
    },
    *rows(context) {
      const held = hold(context);
      const parts: string[] = [];
      for (const row of inner.rows(context)) {
        if (row === PAUSE) {
          yield PAUSE;
          continue;
        }
        const part = write(row);
        held.need(sizeOf([part]));
        parts.push(part);
      }
      held.free();
      if (parts.length === 0 && options.root === undefined) {
        if (!outermost || options.type) yield [null];
        return;
      }
      const body = parts.join('');
      const text = options.root === undefined ? body : element(options.root, '', body);
      if (outermost && !options.type) yield* chunks(text);
      else yield [text];
    },
  };
}

function optionsOf(clause: Clause, line: number): Options {
  let options: Options = { elements: false, type: false, root: undefined, base64: false };
  for (const option of clause.options) {
    const root = /^ROOT(?:\('(.*)'\))?$/s.exec(option);
    if (root !== null) options = { ...options, root: (root[1] ?? 'root').replaceAll("''", "'") };
    else if (option === 'ELEMENTS') options = { ...options, elements: true };
    else if (option === 'ELEMENTS ABSENT') options = { ...options, elements: true };
    else if (option === 'TYPE') options = { ...options, type: true };
    else if (option === 'BINARY BASE64') options = { ...options, base64: true };
    else throw unsupported(`FOR XML … ${option}`, line);
  }
  return options;
}

const fault = (number: number, text: string, line: number): SqlError =>
  new SqlError(number, text, { line, endsBatch: true });

function flatRow(inner: InnerQuery, clause: Clause, options: Options, line: number): (row: Row) => string {
  const name = clause.mode === 'raw' ? (clause.element ?? 'row') : autoName(inner, line);
  const columns = inner.columns.map(column => {
    if (column.name === '')
      throw fault(
        6809,
        `Unnamed tables cannot be used as XML identifiers as well as unnamed columns cannot be used for attribute names. Name unnamed columns/tables using AS in the SELECT statement.`,
        line,
      );
    if (!options.base64 && ['binary', 'varbinary', 'image', 'rowversion'].includes(column.type.kind))
      throw fault(
        6829,
        `FOR XML EXPLICIT and RAW modes currently do not support addressing binary data as URLs in column '${column.name}'. Remove the column, or use the BINARY BASE64 mode, or create the URL directly using the 'dbobject/TABLE[@PK1="V1"]/@COLUMN' syntax.`,
        line,
      );
    return { name: xmlName(column.name), type: column.type };
  });
  return row => {
    let attributes = '';
    let body = '';
    for (const [at, column] of columns.entries()) {
      const value = row[at] ?? null;
      if (value === null) continue;
      if (options.elements) body += element(column.name, '', content(value, column.type));
      else attributes += ` ${column.name}="${attribute(rendered(value, column.type))}"`;
    }
    return name === '' ? body : element(xmlName(name), attributes, body);
  };
}

function autoName(inner: InnerQuery, line: number): string {
  const [leaf, other] = inner.from?.leaves ?? [];
  if (leaf === undefined)
    throw fault(6810, "Column name '' is repeated or FOR XML AUTO requires at least one table.", line);
  if (other !== undefined) throw unsupported('FOR XML AUTO over several tables', line);
  const path = leaf.leaf.path;
  return path === undefined ? leaf.leaf.alias : leaf.leaf.alias;
}

interface PathColumn {
  readonly kind: 'attribute' | 'text' | 'data' | 'element';
  readonly parts: readonly string[];
  readonly type: SqlType;
}

/** Column names are paths: `@a`, `a/b`, `text()`; what has no name is text. */
function pathRow(columns: readonly LeafColumn[], clause: Clause, line: number): (row: Row) => string {
  const paths = columns.map((column): PathColumn => {
    const { name, type } = column;
    if (name === '' || name === '*' || name === 'text()' || name === 'node()')
      return { kind: 'text', parts: [], type };
    if (name === 'data()') return { kind: 'data', parts: [], type };
    const parts = name.split('/');
    const last = parts.at(-1) ?? '';
    if (parts.some((part, at) => part.startsWith('@') && at < parts.length - 1))
      throw unsupported(`the XML path '${name}'`, line);
    if (last === 'text()' || last === '*')
      return { kind: 'text', parts: parts.slice(0, -1).map(xmlName), type };
    if (last.startsWith('@')) {
      if (clause.element === '' && parts.length === 1)
        throw fault(
          6864,
          'Row tag omission (empty row tag name) cannot be used with attribute-centric FOR XML serialization.',
          line,
        );
      return { kind: 'attribute', parts: [...parts.slice(0, -1).map(xmlName), xmlName(last.slice(1))], type };
    }
    return { kind: 'element', parts: parts.map(xmlName), type };
  });
  const rowName = clause.element ?? 'row';
  return row => {
    const top = new Element('');
    let data = false;
    for (const [at, path] of paths.entries()) {
      const value = row[at] ?? null;
      if (value === null) continue;
      if (path.kind === 'attribute') {
        const owner = top.descend(path.parts.slice(0, -1));
        owner.attributes += ` ${path.parts.at(-1) ?? ''}="${attribute(rendered(value, path.type))}"`;
      } else if (path.kind === 'element')
        top
          .descend(path.parts.slice(0, -1))
          .child(path.parts.at(-1) ?? '')
          .add(content(value, path.type));
      else {
        const text = content(value, path.type);
        top.descend(path.parts).add(path.kind === 'data' && data ? ` ${text}` : text);
        data = path.kind === 'data';
      }
    }
    return rowName === '' ? top.inner() : element(xmlName(rowName), top.attributes, top.inner());
  };
}

class Element {
  readonly name: string;
  attributes = '';
  readonly parts: (string | Element)[] = [];

  constructor(name: string) {
    this.name = name;
  }

  add(text: string): void {
    this.parts.push(text);
  }

  child(name: string): Element {
    const made = new Element(name);
    this.parts.push(made);
    return made;
  }

  /** Elements one after the other under one name are one element. */
  descend(names: readonly string[]): Element {
    let own: Element = this;
    for (const name of names) {
      const last = own.parts.at(-1);
      own = last instanceof Element && last.name === name ? last : own.child(name);
    }
    return own;
  }

  inner(): string {
    return this.parts
      .map(part => (typeof part === 'string' ? part : element(part.name, part.attributes, part.inner())))
      .join('');
  }
}

const element = (name: string, attributes: string, body: string): string =>
  body === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${body}</${name}>`;

const content = (value: Value, type: SqlType): string =>
  type.kind === 'xml' ? rendered(value, type) : text(rendered(value, type));

const text = (raw: string): string =>
  raw.replace(/[&<>\r]/g, unit =>
    unit === '&' ? '&amp;' : unit === '<' ? '&lt;' : unit === '>' ? '&gt;' : '&#x0D;',
  );

const attribute = (raw: string): string =>
  text(raw).replace(/["\n\t]/g, unit => (unit === '"' ? '&quot;' : unit === '\n' ? '&#x0A;' : '&#x09;'));

/** What may not stand in a name is written as `_x0020_`. */
const xmlName = (name: string): string =>
  name.replace(/[^\p{L}\p{N}_.-]|^[^\p{L}_]/gu, unit =>
    [...unit]
      .map(one => `_x${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}_`)
      .join(''),
  );
