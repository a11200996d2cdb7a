import { describe, expect, it } from 'vitest';
import { parseBatch } from '../../../../../src/lab/sqlserver/syntax/parse.ts';
import { BATCHES } from './batches.ts';

const kinds = (text: string): string[] => parseBatch(text).map(({ statement }) => statement);

/** The statements of each batch in their order. */
const STATEMENTS: Readonly<Record<string, string>> = {
  'the options of a login':
    'set-option set-option set-option set-option set-option set-option set-option set-option set-option set-option set-option set-option set-option set-isolation set-option',
  'a bulk load': 'insert-bulk',
  'a bulk load without options': 'insert-bulk',
  'parameters of a driver as text': 'declare select execute select',
  'a table made by a driver': 'if',
  'a distributor and a publication': 'execute execute execute execute reconfigure execute execute',
  'facts about an instance': 'select select select select',
  'tables without a primary key': 'select select select select dbcc',
  'the history of the agents': 'select select',
  'the repair of differences':
    'set-option begin-transaction delete update set-identity-insert insert set-identity-insert commit',
  'a marker behind a snapshot': 'create-database select drop-database',
  'change tracking':
    'alter-database alter-database alter-table set-isolation begin-transaction declare select select commit',
  'backup and restore': 'backup backup backup restore restore restore restore restore dbcc',
  cutover:
    'declare select execute execute alter-sequence alter-table toggle-trigger alter-authorization alter-database alter-database alter-database execute update-statistics toggle-trigger',
  'logins and users':
    'create-login create-login alter-login alter-login create-user create-user alter-user alter-role create-role alter-role drop-role drop-user drop-login grant deny revoke kill',
  'tables of the period':
    'create-table create-index alter-index alter-index drop-index alter-table alter-table alter-table alter-table truncate drop',
  flow: 'declare while label if try throw waitfor waitfor use execute execute execute declare-cursor open-cursor fetch while close-cursor deallocate-cursor set-option set-option set-option set-option set-option',
  'changes of data': 'delete update insert insert insert insert insert select merge',
  queries: 'select select select select select',
  'sequences, types, synonyms, schemas':
    'create-sequence create-type create-type create-synonym drop drop drop alter-sequence',
  'a schema': 'create-schema',
  'a procedure': 'create-module',
  'a trigger': 'create-module',
  'a view': 'create-module',
  functions: 'create-module',
  'a function that is a query': 'create-module',
  'a function that fills a table': 'create-module',
};

describe('batches that the double must understand', () => {
  it.each(Object.entries(BATCHES))('%s', (title, text) => {
    expect(kinds(text).join(' ')).toBe(STATEMENTS[title]);
  });

  it('knows statements without anything between them', () => {
    expect(
      kinds(
        'declare @a int set @a=1 select @a if @a=1 print 1 else print 2 exec p update t set a=1 delete t',
      ),
    ).toEqual(['declare', 'set-variable', 'select', 'if', 'execute', 'update', 'delete']);
  });

  it('gives each statement the line it begins on', () => {
    const lines = parseBatch("select 'a\nb'\n\n  select /* \n */ 2\nif 1 = 1\n  select 3").map(
      ({ line }) => line,
    );
    expect(lines).toEqual([1, 4, 6]);
  });

  it('reads no statements from nothing', () => {
    expect(parseBatch('')).toEqual([]);
    expect(parseBatch(' ;; -- nothing\n;/* at all */')).toEqual([]);
  });

  it('gives the same tree for the same text', () => {
    expect(parseBatch('select 42 as a')).toBe(parseBatch('select 42 as a'));
    expect(parseBatch('select "a"')).not.toEqual(parseBatch('select "a"', { quotedIdentifier: false }));
  });
});
