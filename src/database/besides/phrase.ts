import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import { identifier, literal } from '../../remote/sql/quote.ts';
import type { Effect, Parameter, Role, Statement } from '../../remote/sql/statement.ts';

/**
 * T-SQL with places for names and values that are known only once the servers were read. One text serves both: sent, the
 * places are parameters, so the preview shows it word for word; written down for a DBA, they are the values.
 */
export interface Phrase {
  readonly title: string;
  readonly on: Role;
  readonly database: string;
  readonly effect: Effect;
  readonly parts: readonly (string | Slot)[];
  /** What T-SQL does not take from a variable is put together on the server, by QUOTENAME. */
  readonly dynamic: boolean;
}

export interface Slot {
  readonly slot: string;
  /** `words` are keywords, `bytes` hex with 0x, `whole` a number of any size as text. */
  readonly as: 'identifier' | 'literal' | 'words' | 'bytes' | 'number' | 'whole';
}

export type Values = Readonly<Record<string, string | number>>;

const slot =
  (as: Slot['as']) =>
  (name: string): Slot => ({ slot: name, as });

export const name = slot('identifier');
export const text = slot('literal');
export const words = slot('words');
export const bytes = slot('bytes');
export const number = slot('number');
export const whole = slot('whole');

interface Place {
  readonly title: string;
  readonly on: Role;
  readonly database: string;
  readonly effect?: Effect;
}

const make =
  (dynamic: boolean) =>
  ({ effect = 'writes', ...place }: Place) =>
  (strings: TemplateStringsArray, ...slots: readonly Slot[]): Phrase => ({
    ...place,
    effect,
    dynamic,
    parts: strings.flatMap((string, at) => {
      const behind = slots[at];
      return behind === undefined ? [string] : [string, behind];
    }),
  });

/** A statement that takes its values from variables: a call of a procedure. */
export const call = make(false);
/** A statement that takes none: DDL. */
export const compose = make(true);

/** What is sent, with the values to come. */
export function template(phrase: Phrase): Statement {
  const parameters = Object.fromEntries(
    slotsOf(phrase).map(({ slot, as }): [string, Parameter] => [slot, { type: TYPES[as], value: null }]),
  );
  const { on, database, title, effect } = phrase;
  return {
    on,
    database,
    title,
    effect,
    parameters,
    text: phrase.dynamic ? composed(phrase) : direct(phrase),
  };
}

/** The parameters of one sending. */
export const bound = (phrase: Phrase, values: Values): Readonly<Record<string, Parameter>> =>
  Object.fromEntries(
    slotsOf(phrase).map(each => [
      each.slot,
      { type: TYPES[each.as], value: sent(each, placed(each, values)) },
    ]),
  );

/** The statement as a DBA would write it. */
export const written = (phrase: Phrase, values: Values): string =>
  phrase.parts
    .map(part => (typeof part === 'string' ? part : shown(part, placed(part, values))))
    .join('')
    .trim();

const TYPES: Readonly<Record<Slot['as'], Parameter['type']>> = {
  identifier: 'nvarchar',
  literal: 'nvarchar',
  words: 'nvarchar',
  bytes: 'varbinary',
  number: 'int',
  whole: 'nvarchar',
};

const slotsOf = (phrase: Phrase): Slot[] => [
  ...new Map(
    phrase.parts.flatMap(part => (typeof part === 'string' ? [] : [[part.slot, part] as const])),
  ).values(),
];

const direct = ({ parts }: Phrase): string =>
  parts
    .map(part => (typeof part === 'string' ? part : `@${part.slot}`))
    .join('')
    .trim();

function composed({ parts }: Phrase): string {
  const pieces = parts
    .filter(part => part !== '')
    .map(part => (typeof part === 'string' ? literal(part) : onServer(part)));
  return `DECLARE @sql nvarchar(max) = ${pieces.join(' + ')};\nEXEC sys.sp_executesql @sql;`;
}

function onServer({ slot, as }: Slot): string {
  switch (as) {
    case 'identifier':
      return `QUOTENAME(@${slot})`;
    case 'literal':
      return `N'N''' + REPLACE(@${slot}, N'''', N'''''') + N''''`;
    case 'words':
    case 'whole':
      return `@${slot}`;
    case 'bytes':
      return `CONVERT(nvarchar(max), @${slot}, 1)`;
    case 'number':
      return `CONVERT(nvarchar(20), @${slot})`;
  }
}

function shown({ as }: Slot, value: string | number): string {
  switch (as) {
    case 'identifier':
      return identifier(String(value));
    case 'literal':
      return literal(String(value));
    default:
      return String(value);
  }
}

const WORDS = /^ ?(?:[A-Z][A-Z_]*(?: [A-Z][A-Z_]*)*)?$/;
const WHOLE = /^-?\d{1,38}$/;
const HEX = /^0x(?:[0-9A-F]{2})+$/i;

function placed({ slot, as }: Slot, values: Values): string | number {
  const value = values[slot];
  const fits =
    as === 'number'
      ? Number.isInteger(value)
      : typeof value === 'string' &&
        (as !== 'words' || WORDS.test(value)) &&
        (as !== 'bytes' || HEX.test(value)) &&
        (as !== 'whole' || WHOLE.test(value));
  if (value !== undefined && fits) return value;
  throw new LandfallError('sql.answer-unreadable', {
    what: `a server gave something as ${slot} that landfall does not put into T-SQL`,
    evidence: as === 'bytes' ? [] : [harmless(String(value))],
    next: ['report this with the version of the server: SELECT @@VERSION'],
  });
}

const sent = ({ as }: Slot, value: string | number): Parameter['value'] =>
  as === 'bytes' ? Buffer.from(String(value).slice(2), 'hex') : value;
