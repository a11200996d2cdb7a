import { describe, expect, it } from 'vitest';
import {
  parseBatch,
  parseModule,
  parseParameters,
  parseTypeName,
} from '../../../../../src/lab/sqlserver/syntax/parse.ts';
import type { Statement } from '../../../../../src/lab/sqlserver/syntax/statements.ts';

const first = (text: string): Statement => {
  const [statement] = parseBatch(text);
  if (statement === undefined) throw new Error('no statement');
  return statement;
};
const number = (text: string) => ({ node: 'literal', literal: { kind: 'integer', text } });
const string = (text: string) => ({ node: 'literal', literal: { kind: 'string', text } });
const column = (...name: string[]) => ({ node: 'column', name });

describe('tables', () => {
  it('columns with all their parts', () => {
    expect(
      first(`create table dbo.t (
        id int identity(-5, 2) not for replication not null constraint pk primary key nonclustered with (fillfactor=90) on [primary],
        n nvarchar(20) collate Latin1_General_CI_AS null default (N'x') unique,
        c as ((a + b)) persisted not null, timestamp, g uniqueidentifier rowguidcol sparse,
        r int references dbo.u (x) on delete cascade on update set null not for replication, check not for replication ((a > 1)))`),
    ).toMatchObject({
      statement: 'create-table',
      name: ['dbo', 't'],
      shape: {
        columns: [
          {
            line: 2,
            name: 'id',
            type: { name: ['int'], arguments: [] },
            nullable: false,
            identity: { seed: -5n, increment: 2n, notForReplication: true },
            constraints: [
              {
                name: 'pk',
                constraint: 'primary-key',
                clustered: false,
                columns: [],
                options: ['FILLFACTOR=90'],
              },
            ],
          },
          {
            name: 'n',
            collation: 'Latin1_General_CI_AS',
            nullable: true,
            constraints: [
              { constraint: 'default', text: "N'x'" },
              { constraint: 'unique', columns: [] },
            ],
          },
          { name: 'c', computed: { text: 'a + b', persisted: true }, nullable: false },
          { name: 'timestamp', type: { name: ['timestamp'], arguments: [] } },
          { name: 'g', rowguid: true, sparse: true },
          {
            name: 'r',
            constraints: [
              {
                constraint: 'foreign-key',
                columns: ['r'],
                references: ['dbo', 'u'],
                referenced: ['x'],
                onDelete: 'cascade',
                onUpdate: 'set-null',
                notForReplication: true,
              },
            ],
          },
        ],
        constraints: [{ constraint: 'check', text: 'a > 1', notForReplication: true }],
      },
    });
  });

  it('texts keep what is written inside the outer parentheses', () => {
    const tree = first(
      "create table t (a int default (('(') + [)]), b as (a) + (b), check ((a = 1) or (b = 2)))",
    );
    expect(tree).toMatchObject({
      shape: {
        columns: [{ constraints: [{ text: "('(') + [)]" }] }, { computed: { text: '(a) + (b)' } }],
        constraints: [{ text: '(a = 1) or (b = 2)' }],
      },
    });
  });

  it('changes of a table', () => {
    expect(
      parseBatch(`
      alter table t with nocheck add a int null, constraint fk foreign key (a) references u
      alter table t with check check constraint all
      alter table t nocheck constraint a, b
      alter table t drop column if exists a, b, constraint c
      alter table t alter column a nvarchar(max) not null
      alter table t disable trigger all
      alter table t enable change_tracking with (track_columns_updated = on)
      alter table t set (lock_escalation = auto)`),
    ).toMatchObject([
      {
        action: {
          kind: 'add',
          withCheck: false,
          columns: [{ name: 'a' }],
          constraints: [{ name: 'fk', referenced: [] }],
        },
      },
      { action: { kind: 'check', withCheck: true, check: true, names: [] } },
      { action: { kind: 'check', check: false, names: ['a', 'b'] } },
      {
        action: {
          kind: 'drop',
          ifExists: true,
          items: [
            { kind: 'column', name: 'a' },
            { kind: 'column', name: 'b' },
            { kind: 'constraint', name: 'c' },
          ],
        },
      },
      {
        action: {
          kind: 'alter-column',
          column: 'a',
          type: { name: ['nvarchar'], arguments: ['max'] },
          nullable: false,
        },
      },
      { action: { kind: 'trigger', enable: false, names: [] } },
      { action: { kind: 'change-tracking', enable: true, trackColumns: true } },
      { action: { kind: 'set', options: ['LOCK_ESCALATION = AUTO'] } },
    ]);
  });

  it('an index', () => {
    expect(
      first(
        'create unique clustered index ix on dbo.t (a desc, b) include (c) where (a is not null) with (online = on)',
      ),
    ).toMatchObject({
      table: ['dbo', 't'],
      index: {
        name: 'ix',
        unique: true,
        clustered: true,
        columns: [
          { name: 'a', descending: true },
          { name: 'b', descending: false },
        ],
        included: ['c'],
        where: { text: 'a is not null', condition: { condition: 'null', negated: true } },
        options: ['ONLINE = ON'],
      },
    });
  });
});

describe('types', () => {
  it.each([
    ['INT', { name: ['int'], arguments: [] }],
    ['[NVarChar] (50)', { name: ['nvarchar'], arguments: [50] }],
    ['decimal(9, 2)', { name: ['decimal'], arguments: [9, 2] }],
    ['varbinary(MAX)', { name: ['varbinary'], arguments: ['max'] }],
    ['Dbo.MyType', { name: ['Dbo', 'MyType'], arguments: [] }],
    ['double precision', { name: ['float'], arguments: [] }],
    ['character varying(5)', { name: ['varchar'], arguments: [5] }],
    ['national character varying(5)', { name: ['nvarchar'], arguments: [5] }],
    ['integer', { name: ['int'], arguments: [] }],
    ['dec(5)', { name: ['decimal'], arguments: [5] }],
  ])('%s', (text, type) => {
    expect(parseTypeName(text)).toEqual(type);
  });

  it('parameters', () => {
    expect(parseParameters('')).toEqual([]);
    expect(parseParameters("@a int, @b nvarchar(5) = N'x' OUTPUT, @c dbo.Ids readonly")).toMatchObject([
      { name: '@a', output: false, readOnly: false },
      { name: '@b', default: { literal: { text: 'x' } }, output: true },
      { name: '@c', type: { name: ['dbo', 'Ids'] }, readOnly: true },
    ]);
  });
});

describe('modules', () => {
  const procedure =
    '-- why\nalter procedure dbo.p (@a int = 1) with recompile, execute as owner as\nprint @a\nprint 2 -- end\n';

  it('keep the whole text, comments too', () => {
    expect(parseModule(procedure)).toMatchObject({
      line: 2,
      text: procedure,
      name: ['dbo', 'p'],
      definition: {
        kind: 'procedure',
        parameters: [{ name: '@a' }],
        options: ['RECOMPILE', 'EXECUTE AS OWNER'],
        body: [
          { statement: 'print', line: 3 },
          { statement: 'print', line: 4 },
        ],
      },
    });
    expect(first(procedure)).toMatchObject({ statement: 'create-module', mode: 'alter' });
  });

  it('a trigger', () => {
    expect(
      parseModule('create or alter trigger tr on dbo.t instead of insert, delete as if update(a) rollback'),
    ).toMatchObject({
      definition: {
        kind: 'trigger',
        on: ['dbo', 't'],
        insteadOf: true,
        events: ['insert', 'delete'],
        notForReplication: false,
        body: [{ statement: 'if', condition: { condition: 'updated', column: 'a' } }],
      },
    });
  });

  it('functions of the three kinds', () => {
    const kinds = [
      'create function f (@a int) returns nvarchar(5) as begin return 1 end;',
      'create function f () returns table return select 1 a',
      'create function f () returns @t table (a int) begin return end',
    ].map(text => parseModule(text).definition.kind);
    expect(kinds).toEqual(['scalar-function', 'inline-function', 'table-function']);
  });
});

describe('administration', () => {
  it('options of a database', () => {
    expect(
      parseBatch(`
      alter database d set change_tracking = on (change_retention = 7 days, auto_cleanup = on), recovery simple, single_user
      alter database current set compatibility_level = 150 with no_wait
      alter database d set target_recovery_time = 60 seconds with rollback after 30 seconds`),
    ).toMatchObject([
      {
        name: 'd',
        set: [
          {
            name: 'CHANGE_TRACKING',
            value: [
              { name: 'ON' },
              { name: 'CHANGE_RETENTION', value: '7 DAYS' },
              { name: 'AUTO_CLEANUP', value: 'ON' },
            ],
          },
          { name: 'RECOVERY', value: 'SIMPLE' },
          { name: 'SINGLE_USER' },
        ],
      },
      { set: [{ name: 'COMPATIBILITY_LEVEL', value: number('150') }], termination: 'WITH NO_WAIT' },
      {
        set: [{ name: 'TARGET_RECOVERY_TIME', value: '60 SECONDS' }],
        termination: 'WITH ROLLBACK AFTER 30 SECONDS',
      },
    ]);
  });

  it('files of a database', () => {
    expect(
      first(
        "create database d on primary (name = MyData, filename = 'x.mdf', size = 10MB, filegrowth = 10%), (name = b, filename = 'y') log on (name = l, filename = 'z') collate X",
      ),
    ).toMatchObject({
      name: 'd',
      files: [
        {
          options: [
            { name: 'NAME', value: 'MyData' },
            { name: 'FILENAME', value: string('x.mdf') },
            { name: 'SIZE', value: '10MB' },
            { name: 'FILEGROWTH', value: '10%' },
          ],
        },
        { options: [{ name: 'NAME', value: 'b' }, { name: 'FILENAME' }] },
      ],
      log: [{ options: [{ name: 'NAME', value: 'l' }, { name: 'FILENAME' }] }],
      collation: 'X',
    });
  });

  it('a login', () => {
    expect(
      first(
        'create login [a b] with password = 0x02 hashed must_change, sid = 0x0A, default_database = [My Db], check_policy = off',
      ),
    ).toMatchObject({
      name: 'a b',
      fromWindows: false,
      password: {
        value: { literal: { kind: 'binary', bytes: Uint8Array.of(2) } },
        hashed: true,
        mustChange: true,
      },
      options: [
        { name: 'SID' },
        { name: 'DEFAULT_DATABASE', value: 'My Db' },
        { name: 'CHECK_POLICY', value: 'OFF' },
      ],
    });
  });

  it('permissions', () => {
    expect(
      parseBatch(
        'grant select, view definition on object::dbo.t to a, public with grant option deny exec to b revoke connect sql from c',
      ),
    ).toMatchObject([
      {
        statement: 'grant',
        permissions: ['SELECT', 'VIEW DEFINITION'],
        on: { class: 'OBJECT', name: ['dbo', 't'] },
        principals: ['a', 'public'],
        grantOption: true,
      },
      { statement: 'deny', permissions: ['EXECUTE'], principals: ['b'] },
      { statement: 'revoke', permissions: ['CONNECT SQL'], principals: ['c'] },
    ]);
  });

  it('a restore that moves files', () => {
    expect(
      first(
        "restore database @d from disk = @f, url = 'u', dev with move 'a' to 'b', file = 2, recovery, stopatmark = 'm' after 't'",
      ),
    ).toMatchObject({
      what: 'database',
      database: { node: 'variable', name: '@d' },
      from: [{ kind: 'disk', path: { name: '@f' } }, { kind: 'url' }, { kind: 'logical', path: 'dev' }],
      options: [
        {
          name: 'MOVE',
          value: [
            { name: 'FROM', value: string('a') },
            { name: 'TO', value: string('b') },
          ],
        },
        { name: 'FILE', value: number('2') },
        { name: 'RECOVERY' },
        {
          name: 'STOPATMARK',
          value: [
            { name: 'MARK', value: string('m') },
            { name: 'AFTER', value: string('t') },
          ],
        },
      ],
    });
  });

  it('DBCC with bare words', () => {
    expect(first("dbcc checkident ('dbo.t', reseed, 5) with no_infomsgs")).toMatchObject({
      command: 'CHECKIDENT',
      arguments: [string('dbo.t'), column('reseed'), number('5')],
      options: ['NO_INFOMSGS'],
    });
  });
});
