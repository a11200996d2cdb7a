/** Logins, server roles and server permissions; kept in master. */
export interface Principals {
  find(name: string): ServerPrincipal | undefined;
  byId(id: number): ServerPrincipal | undefined;
  bySid(sid: Uint8Array): ServerPrincipal | undefined;
  all(): readonly ServerPrincipal[];
  add(principal: Omit<ServerPrincipal, 'id'>): ServerPrincipal;
  change(id: number, change: Partial<Omit<ServerPrincipal, 'id'>>): void;
  drop(id: number): void;
  readonly permissions: ServerPermission[];
}

export interface ServerPrincipal {
  readonly id: number;
  readonly name: string;
  readonly sid: Uint8Array;
  readonly type: 'S' | 'U' | 'G' | 'R';
  /** 0x0200 + salt + SHA-512 of a SQL login's password, as PASSWORDHASH gives it. */
  readonly hash: Uint8Array | undefined;
  readonly disabled: boolean;
  readonly created: number;
  readonly modified: number;
  readonly defaultDatabase: string;
  readonly defaultLanguage: string;
  readonly checkPolicy: boolean;
  readonly checkExpiration: boolean;
  readonly mustChange: boolean;
  /** Server roles by name in lower case. */
  readonly roles: readonly string[];
  readonly fixed: boolean;
}

export interface ServerPermission {
  readonly grantee: number;
  readonly grantor: number;
  readonly class: number;
  readonly majorId: number;
  readonly permission: string;
  readonly state: 'D' | 'G' | 'W';
}
