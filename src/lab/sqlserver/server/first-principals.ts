import type { ServerPermission, ServerPrincipal } from './principals.ts';

/** The logins and roles that every server has. */

/** The account that SQL Server Agent and the agents of replication run under. */
export const AGENT_ACCOUNT = 'NT SERVICE\\SQLSERVERAGENT';
export const SA_ID = 1;

const ROLES: readonly (readonly [number, string])[] = [
  [2, 'public'],
  [3, 'sysadmin'],
  [4, 'securityadmin'],
  [5, 'serveradmin'],
  [6, 'setupadmin'],
  [7, 'processadmin'],
  [8, 'diskadmin'],
  [9, 'dbcreator'],
  [10, 'bulkadmin'],
];

const idBytes = (id: number): Uint8Array => Uint8Array.of(id);

/** A SID of the form S-1-5-80-… as service accounts have it, from the name alone. */
function serviceSid(name: string): Uint8Array {
  const sid = new Uint8Array(28);
  sid.set([1, 6, 0, 0, 0, 0, 0, 5, 80]);
  const bytes = new TextEncoder().encode(name);
  for (const [place, byte] of bytes.entries()) {
    const at = 12 + (place % 16);
    sid[at] = ((sid[at] ?? 0) * 31 + byte) % 256;
  }
  return sid;
}

/**
 * @param now milliseconds since the epoch
 * @param sa hash of the password of sa
 */
export function firstPrincipals(now: number, sa: Uint8Array): readonly ServerPrincipal[] {
  const common = {
    created: now,
    modified: now,
    disabled: false,
    defaultDatabase: 'master',
    defaultLanguage: 'us_english',
    checkPolicy: false,
    checkExpiration: false,
    mustChange: false,
    hash: undefined,
  } as const;
  const roles = ROLES.map(
    ([id, name]): ServerPrincipal => ({
      ...common,
      id,
      name,
      sid: idBytes(id),
      type: 'R',
      roles: [],
      fixed: name !== 'public',
    }),
  );
  return [
    {
      ...common,
      id: SA_ID,
      name: 'sa',
      sid: idBytes(1),
      type: 'S',
      hash: sa,
      checkPolicy: true,
      roles: ['sysadmin'],
      fixed: false,
    },
    ...roles,
    {
      ...common,
      id: 256,
      name: AGENT_ACCOUNT,
      sid: serviceSid(AGENT_ACCOUNT),
      type: 'U',
      roles: ['sysadmin'],
      fixed: false,
    },
  ];
}

export const firstPermissions: readonly ServerPermission[] = [
  { grantee: 1, grantor: 1, class: 100, majorId: 0, permission: 'CONNECT SQL', state: 'G' },
  { grantee: 256, grantor: 1, class: 100, majorId: 0, permission: 'CONNECT SQL', state: 'G' },
  { grantee: 2, grantor: 1, class: 100, majorId: 0, permission: 'VIEW ANY DATABASE', state: 'G' },
];
