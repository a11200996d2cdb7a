import { harmless } from '../../foundation/text.ts';
import type { DriftItem } from '../../journal/database-facts.ts';
import type { Deed, Statement } from '../../remote/sql/statement.ts';
import type { Catalog, Column } from '../catalog/types.ts';
import type { Question } from './types.ts';

/** What drops a column: a computed one goes before those that it names. */
export const dropPhase = (column: Column): Phase =>
  column.computed === undefined ? 'drop-column' : 'drop-computed';

/** What is done in which order; within one phase in the order in which it was found. */
export const PHASES = [
  'schema',
  'type',
  'sequence',
  'partition-function',
  'early-function',
  'drop-module',
  'drop-trigger',
  'drop-foreign-key',
  'drop-check',
  'drop-default',
  'drop-index',
  'drop-key',
  'rename',
  'drop-computed',
  'drop-column',
  'alter-column',
  'add-column',
  'computed-column',
  'drop-table',
  'table',
  'default',
  'key',
  'index',
  'check',
  'foreign-key',
  'synonym',
  'module',
  'trigger',
  'state',
] as const;
export type Phase = (typeof PHASES)[number];

export interface Change {
  readonly phase: Phase;
  readonly kind: string;
  readonly subject: string;
  readonly title: string;
  readonly text: string;
  /** Predicate of T-SQL. */
  readonly done: string;
}

/** A change that would lose what `rows` selects; refused unless it selects nothing. */
export interface Risk {
  readonly id: string;
  readonly rows: string;
}

export interface Difference {
  readonly kind: string;
  readonly subject: string;
  readonly severity: DriftItem['severity'];
  readonly what: string;
  readonly aligned: boolean;
}

export interface Collector {
  item(difference: Difference): void;
  change(change: Change): void;
  /** True where the copy was asked and nothing would be lost. */
  fits(risk: Risk): boolean;
  readonly items: readonly DriftItem[];
  readonly questions: readonly Question[];
  deeds(): Deed[];
}

/** A question may look at every row. */
const QUESTION_TIMEOUT_MS = 30 * 60_000;

export function collector(copy: Catalog, fitting: ReadonlySet<string>): Collector {
  const items: DriftItem[] = [];
  const changes: Change[] = [];
  const questions = new Map<string, Question>();
  const place = { on: 'subscriber', database: copy.database } as const;
  const asked = (predicate: string, name: string): string =>
    `SELECT CONVERT(bit, CASE WHEN ${predicate} THEN 1 ELSE 0 END) AS ${name};`;

  const deedOf = ({ phase, kind, subject, title, text, done }: Change): Deed => {
    const read: Statement = {
      ...{ ...place, title: `is it so already: ${title}`, effect: 'reads' },
      text: asked(done, 'done'),
    };
    return {
      id: `${phase}/${kind}/${subject}`,
      statement: { ...place, title, text, effect: 'writes' },
      done: read,
    };
  };

  return {
    items,
    get questions() {
      return [...questions.values()];
    },
    item: ({ subject, what, ...rest }) =>
      items.push({ ...rest, subject: harmless(subject), what: harmless(what) }),
    change: change => changes.push({ ...change, title: harmless(change.title) }),
    fits({ id, rows }) {
      questions.set(id, {
        id,
        statement: {
          ...{ ...place, title: `does nothing get lost: ${harmless(id)}`, effect: 'reads' },
          text: `SELECT CONVERT(bit, CASE WHEN EXISTS (${rows}) THEN 0 ELSE 1 END) AS fits;`,
          timeoutMs: QUESTION_TIMEOUT_MS,
        },
      });
      return fitting.has(id);
    },
    deeds: () => PHASES.flatMap(phase => changes.filter(change => change.phase === phase)).map(deedOf),
  };
}

/** The condition as the script repeats it: rows may have come since it was asked. */
export const guarded = (rows: string, why: string, statement: string): string =>
  `IF EXISTS (${rows})\n  THROW 50000, N'${why.replaceAll("'", "''")}', 1;\n${statement}`;
