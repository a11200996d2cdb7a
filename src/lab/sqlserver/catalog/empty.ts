import type { Catalog, Principal, Schema } from './schema.ts';

/** principal_id of the database roles that every database has; each owns a schema of its name and id. */
const FIXED_ROLES: readonly (readonly [number, string])[] = [
  [16384, 'db_owner'],
  [16385, 'db_accessadmin'],
  [16386, 'db_securityadmin'],
  [16387, 'db_ddladmin'],
  [16389, 'db_backupoperator'],
  [16390, 'db_datareader'],
  [16391, 'db_datawriter'],
  [16392, 'db_denydatareader'],
  [16393, 'db_denydatawriter'],
];

/** The login that owns what nobody else owns: the sid of `sa`. */
const SYSTEM_ADMINISTRATOR = Uint8Array.of(1);

/** A fixed role's sid ends in its principal_id. */
function roleSid(id: number): Uint8Array {
  const sid = new Uint8Array(28);
  sid.set([1, 5, 0, 0, 0, 0, 0, 9, 4]);
  new DataView(sid.buffer).setUint32(24, id, true);
  return sid;
}

/**
 * The catalog of a new database: the schemas, principals and fixed roles that every database has.
 *
 * @param owner sid of the login that is dbo; `sa` where none is given
 */
export function emptyCatalog(owner: Uint8Array = SYSTEM_ADMINISTRATOR): Catalog {
  const users: readonly Principal[] = [
    { id: 0, name: 'public', type: 'R', roles: [], fixed: false, sid: roleSid(0) },
    { id: 1, name: 'dbo', type: 'S', sid: owner, defaultSchema: 'dbo', roles: [16384], fixed: false },
    {
      id: 2,
      name: 'guest',
      type: 'S',
      sid: Uint8Array.of(0),
      defaultSchema: 'guest',
      roles: [],
      fixed: false,
    },
    { id: 3, name: 'INFORMATION_SCHEMA', type: 'S', roles: [], fixed: false },
    { id: 4, name: 'sys', type: 'S', roles: [], fixed: false },
    ...FIXED_ROLES.map(
      ([id, name]): Principal => ({ id, name, type: 'R', sid: roleSid(id), roles: [], fixed: true }),
    ),
  ];
  const schemas: readonly Schema[] = [
    { id: 1, name: 'dbo', owner: 1 },
    { id: 2, name: 'guest', owner: 2 },
    { id: 3, name: 'INFORMATION_SCHEMA', owner: 3 },
    { id: 4, name: 'sys', owner: 4 },
    ...FIXED_ROLES.map(([id, name]): Schema => ({ id, name, owner: id })),
  ];
  return {
    schemas: new Map(schemas.map(schema => [schema.id, schema])),
    tables: new Map(),
    modules: new Map(),
    sequences: new Map(),
    synonyms: new Map(),
    types: new Map(),
    principals: new Map(users.map(user => [user.id, user])),
    permissions: [
      { class: 0, majorId: 0, minorId: 0, grantee: 1, grantor: 1, permission: 'CONNECT', state: 'G' },
    ],
    byName: new Map(),
    version: 1,
  };
}
