import type { Expression, Node } from './expressions.ts';
import type { Name } from './names.ts';

/**
 * An option as written: `NAME`, `NAME = value`, `NAME ON`, `NAME (…)`; names in upper case with single blanks. A value is
 * an Expression (literal or variable), or text: a word as written (compare it without case), the word behind a name
 * without `=` in upper case (`RECOVERY SIMPLE`), a number with its unit (`7 DAYS`, `10MB`), or a list of options. What
 * stands before a list comes first in it: `= ON (AUTO_CLEANUP = ON)` is [ON, AUTO_CLEANUP]. `MOVE 'a' TO 'b'` is the list
 * [FROM, TO], `STOPATMARK = 'm' AFTER 't'` the list [MARK, AFTER].
 */
export interface Option extends Node {
  readonly name: string;
  readonly value?: Expression | readonly Option[] | string;
}

export interface FileSpecification {
  /** Keys in upper case: NAME, FILENAME, SIZE, MAXSIZE, FILEGROWTH. */
  readonly options: readonly Option[];
}

/** Statements about databases, logins, permissions, backups and the server. */
export type AdministrativeStatement =
  | (Node & {
      readonly statement: 'create-database';
      readonly name: string;
      readonly files: readonly FileSpecification[];
      readonly log: readonly FileSpecification[];
      readonly collation?: string;
      readonly snapshotOf?: string;
    })
  | (Node & {
      readonly statement: 'alter-database';
      /** undefined is CURRENT. */
      readonly name?: string;
      readonly set?: readonly Option[];
      readonly modifyName?: string;
      readonly collation?: string;
      /** `WITH ROLLBACK IMMEDIATE`, `WITH NO_WAIT`, in upper case. */
      readonly termination?: string;
    })
  | (Node & {
      readonly statement: 'drop-database';
      readonly names: readonly string[];
      readonly ifExists: boolean;
    })
  | (Node & {
      readonly statement: 'create-login' | 'alter-login';
      readonly name: string;
      readonly fromWindows: boolean;
      readonly options: readonly Option[];
      readonly enable?: boolean;
      /** The text or the hash of PASSWORD, and whether HASHED or MUST_CHANGE stood behind it. */
      readonly password?: {
        readonly value: Expression;
        readonly hashed: boolean;
        readonly mustChange: boolean;
      };
    })
  | (Node & {
      readonly statement: 'create-user' | 'alter-user';
      readonly name: string;
      readonly login?: string;
      readonly withoutLogin: boolean;
      readonly options: readonly Option[];
    })
  | (Node & {
      readonly statement: 'create-role' | 'drop-role' | 'drop-user' | 'drop-login';
      readonly name: string;
      readonly server: boolean;
      readonly ifExists: boolean;
    })
  | (Node & {
      readonly statement: 'alter-role';
      readonly role: string;
      readonly server: boolean;
      readonly action: 'add' | 'drop';
      readonly member: string;
    })
  | (Node & {
      readonly statement: 'grant' | 'deny' | 'revoke';
      /** In upper case: `SELECT`, `VIEW SERVER STATE`; columns in parentheses are refused. */
      readonly permissions: readonly string[];
      /** `ON [OBJECT|SCHEMA|DATABASE|LOGIN::]name`. */
      readonly on?: { readonly class: string; readonly name: Name };
      readonly principals: readonly string[];
      readonly grantOption: boolean;
    })
  | (Node & {
      readonly statement: 'alter-authorization';
      readonly class: string;
      readonly name: Name;
      readonly owner: string;
    })
  | (Node & {
      readonly statement: 'backup';
      readonly what: 'database' | 'log';
      readonly database: Expression | string;
      readonly to: readonly Device[];
      readonly options: readonly Option[];
    })
  | (Node & {
      readonly statement: 'restore';
      readonly what: 'database' | 'log' | 'headeronly' | 'filelistonly' | 'verifyonly' | 'labelonly';
      readonly database?: Expression | string;
      readonly from: readonly Device[];
      readonly options: readonly Option[];
    })
  /** `DBCC CHECKIDENT ('t', RESEED, 5) WITH NO_INFOMSGS`; the command and the options in upper case. */
  | (Node & {
      readonly statement: 'dbcc';
      readonly command: string;
      readonly arguments: readonly Expression[];
      readonly options: readonly string[];
    })
  | (Node & { readonly statement: 'kill'; readonly session: Expression })
  | (Node & { readonly statement: 'reconfigure'; readonly override: boolean })
  | (Node & { readonly statement: 'checkpoint' })
  | (Node & { readonly statement: 'shutdown' });

export interface Device {
  readonly kind: 'disk' | 'url' | 'tape' | 'logical';
  readonly path: Expression | string;
}
