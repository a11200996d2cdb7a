import type { BesidesItem } from '../../journal/database-facts.ts';
import type { Login, Permission } from './facts.ts';
import type { Values } from './phrase.ts';
import type { PhraseName } from './phrases.ts';

/** One statement that is to be sent or written down. A hash is never a value here: it is read when it is sent. */
export interface Saying {
  readonly phrase: PhraseName;
  readonly values: Values;
  /** The login whose password's hash fills the place `hash`. */
  readonly hashOf?: string;
}

/** What is to be done about one item, in the order in which things depend on each other. */
export interface Wanted {
  readonly item: string;
  /** `before`: safe while the copy only follows. `handover`: when the copy becomes production. `by-hand`: only a person can. */
  readonly when: 'before' | 'handover' | 'by-hand';
  readonly sayings: readonly Saying[];
  /** T-SQL for a person, with ‹places› to fill in. */
  readonly command?: string;
}

export interface Finding {
  readonly item: BesidesItem;
  readonly wanted?: Wanted;
}

export const same = (kind: string, name: string, what = 'as on the publisher'): Finding => ({
  item: { kind, name, status: 'same', what, scripted: false },
});

export const missing = (
  kind: string,
  name: string,
  what: string,
  sayings: readonly Saying[],
  when: 'before' | 'handover' = 'before',
): Finding => ({
  item: { kind, name, status: 'missing', what, scripted: true },
  wanted: { item: `${kind} ${name}`, when, sayings },
});

export const different = (
  kind: string,
  name: string,
  what: string,
  sayings: readonly Saying[],
  when: 'before' | 'handover',
): Finding => ({
  item: { kind, name, status: 'different', what, scripted: true },
  wanted: { item: `${kind} ${name}`, when, sayings },
});

export const byHand = (kind: string, name: string, what: string, command: string): Finding => ({
  item: { kind, name, status: 'by-hand', what, scripted: false },
  wanted: { item: `${kind} ${name}`, when: 'by-hand', sayings: [], command },
});

/** SQL Server's names compare without regard to case under almost every collation. */
export const key = (...parts: readonly string[]): string => parts.join('\u0000').toLowerCase();

export const find = <T extends { readonly name: string }>(all: readonly T[], wanted: string): T | undefined =>
  all.find(each => key(each.name) === key(wanted));

export const onOff = (value: boolean): string => (value ? 'ON' : 'OFF');

export function verbOf({ state, permission, grantee }: Permission): Values {
  return {
    verb: state === 'DENY' ? 'DENY' : 'GRANT',
    permission,
    grantee,
    tail: state === 'GRANT_WITH_GRANT_OPTION' ? ' WITH GRANT OPTION' : '',
  };
}

/** Hashes of 2012 to 2022 begin with 0x0200, older ones with 0x0100; what begins otherwise needs as new a server. */
export const isPortableHash = (hash: string): boolean => /^0x0[12]00/i.test(hash);

/** How the password of a login on the subscriber compares with that on the publisher. */
export type Passwords = ReadonlyMap<string, 'same' | 'different' | 'unreadable'>;

export const loginNames = (logins: readonly Login[]): string[] =>
  logins.filter(({ kind }) => kind === 'sql').map(login => login.name);
