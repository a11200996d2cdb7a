import { harmless } from '../../foundation/text.ts';
import type { SqlDatabaseSurvey } from '../../journal/facts-site.ts';

export type Reference = NonNullable<SqlDatabaseSurvey['references']>[number];

export interface ReferenceRows {
  /** sys.sql_expression_dependencies and synonyms: `server` is null where it is another database of the same server. */
  readonly named: readonly {
    readonly from: string;
    readonly server: string | null;
    readonly database: string | null;
  }[];
  /** Pieces of code behind a word; the word AT only where it names a linked server. */
  readonly code: readonly { readonly from: string; readonly word: string; readonly said: string }[];
  readonly routes: readonly { readonly name: string; readonly address: string }[];
}

/** They are at every server. */
const OWN: ReadonlySet<string> = new Set(['master', 'msdb', 'tempdb', 'model']);

/** What a database needs outside of itself, each thing once. `linked` are the names of linked servers. */
export function referencesOf(rows: ReferenceRows, linked: readonly string[]): Reference[] {
  const known = new Map(linked.map(name => [name.toLowerCase(), name]));
  const found = [
    ...rows.named.flatMap(({ from, server, database }): Reference[] => {
      if (server !== null && server !== '') return [{ kind: 'linked-server', from, to: server }];
      if (database === null || OWN.has(database.toLowerCase())) return [];
      return [{ kind: 'cross-database', from, to: database }];
    }),
    ...rows.code.flatMap(({ from, word, said }) => fromCode(from, word, said, known)),
    ...rows.routes.map(
      ({ name, address }): Reference => ({ kind: 'service-broker', from: `route ${name}`, to: address }),
    ),
  ];
  const each = new Map(
    found.map(({ kind, from, to }): [string, Reference] => {
      const clean: Reference = { kind, from: harmless(from), to: harmless(to) };
      return [JSON.stringify(clean), clean];
    }),
  );
  return [...each.values()];
}

function fromCode(
  from: string,
  word: string,
  said: string,
  linked: ReadonlyMap<string, string>,
): Reference[] {
  if (word === 'SHARE') return shareIn(from, said);
  if (word === 'AT') {
    const name = linked.get((nameAt(said) ?? '').toLowerCase());
    return name === undefined ? [] : [{ kind: 'linked-server', from, to: name }];
  }
  const first = said.replace(/^\s*\(\s*/, '');
  if (word === 'OPENQUERY') {
    const name = nameAt(first);
    return name === undefined
      ? []
      : [{ kind: 'linked-server', from, to: linked.get(name.toLowerCase()) ?? name }];
  }
  const bulk = /^BULK\s+N?'+([^'\r\n]+)/i.exec(first)?.[1];
  if (bulk !== undefined) {
    const share = shareIn(from, bulk);
    return share.length > 0 ? share : [{ kind: 'openrowset', from, to: bulk }];
  }
  const provider = /^N?'+([^';]+)/.exec(first)?.[1];
  return provider === undefined ? [] : [{ kind: 'openrowset', from, to: provider }];
}

/** `[LEG]]ACY]`, `"LEGACY"` or `LEGACY` at the beginning of a text. */
function nameAt(text: string): string | undefined {
  const found = /^\s*(?:\[((?:[^\]]|\]\])+)\]|"([^"]+)"|([\p{L}_#@][\p{L}\p{N}_#@$]*))/u.exec(text);
  return found?.[1]?.replaceAll(']]', ']') ?? found?.[2] ?? found?.[3];
}

/** `\\files1\drop` of `\\files1\drop\in\x.csv`. */
function shareIn(from: string, text: string): Reference[] {
  const share = /^\\\\([A-Za-z0-9][A-Za-z0-9._-]*)\\([^\\/:*?"<>|\s]+)/.exec(text);
  return share === null ? [] : [{ kind: 'file-share', from, to: `\\\\${share[1]}\\${share[2]}` }];
}
