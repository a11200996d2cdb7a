import { columnPlace, primaryKey } from '../catalog/find.ts';
import type { Column, Table } from '../catalog/schema.ts';
import { has, SCHEMA_OPTION } from './schema-option.ts';

/** How a change of one kind travels: `CALL [proc]`, plain SQL, or not at all. */
export type CommandForm =
  | {
      readonly form: 'call';
      readonly style: 'CALL' | 'SCALL' | 'MCALL' | 'XCALL';
      readonly procedure: string;
    }
  | { readonly form: 'sql' }
  | { readonly form: 'none' };

/** An article with what the log reader and the scripts need of its table. */
export interface Article {
  readonly id: number;
  readonly name: string;
  readonly tableId: number;
  readonly destinationOwner: string;
  readonly destination: string;
  readonly insert: CommandForm;
  readonly update: CommandForm;
  readonly delete: CommandForm;
  readonly schemaOption: bigint;
  /** column_ids that travel. */
  readonly columns: ReadonlySet<number>;
}

const FORM = /^(CALL|SCALL|MCALL|XCALL)\s+(.+)$/i;

/**
 * Reads `@ins_cmd`, `@upd_cmd`, `@del_cmd`; undefined where the text is none of their forms.
 * The procedure's name may stand in brackets and with a schema.
 */
export function commandForm(text: string | null): CommandForm | undefined {
  const trimmed = text?.trim() ?? 'SQL';
  if (/^sql$/i.test(trimmed)) return { form: 'sql' };
  if (/^none$/i.test(trimmed)) return { form: 'none' };
  const [, style, procedure] = FORM.exec(trimmed) ?? [];
  const word = style?.toUpperCase();
  if (procedure === undefined) return undefined;
  if (word === 'CALL' || word === 'SCALL' || word === 'MCALL' || word === 'XCALL') {
    return { form: 'call', style: word, procedure: bare(procedure) };
  }
  return undefined;
}

/** The last part of a name without brackets. */
function bare(name: string): string {
  const last = /(?:\[((?:[^\]]|\]\])+)\]|([^.[\]]+))\s*$/.exec(name.trim());
  return (last?.[1]?.replaceAll(']]', ']') ?? last?.[2] ?? name).trim();
}

/** Columns that a log-based article sends: no computed ones; a rowversion only where it arrives as binary(8). */
export function sentColumns(
  table: Table,
  article: Article,
): readonly { readonly column: Column; readonly place: number }[] {
  return table.columns.flatMap(column => {
    if (column.computed !== undefined || !article.columns.has(column.id)) return [];
    if (column.type.kind === 'rowversion' && has(article.schemaOption, SCHEMA_OPTION.rowVersion)) return [];
    return [{ column, place: columnPlace(table, column.id) }];
  });
}

/** Primary key columns in the order of the key. */
export function keyOf(table: Table): readonly { readonly column: Column; readonly place: number }[] {
  const key = primaryKey(table);
  return (key?.index.columns ?? []).flatMap(({ column: id, included }) => {
    const place = columnPlace(table, id);
    const column = table.columns[place];
    return included || column === undefined ? [] : [{ column, place }];
  });
}
