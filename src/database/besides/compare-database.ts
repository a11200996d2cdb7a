import { identifier, literal, qualified } from '../../remote/sql/quote.ts';
import type { DatabaseFacts, Login, Permission, User } from './facts.ts';
import { byHand, different, type Finding, find, key, missing, same, verbOf } from './wanted.ts';

/** Users, roles, permissions, options, sequences, triggers and constraints: the copy against production. */
export function compareDatabases(
  source: DatabaseFacts,
  copy: DatabaseFacts,
  logins: { readonly source: readonly Login[]; readonly copy: readonly Login[] },
): Finding[] {
  return [
    ...source.roles.map(role =>
      copy.roles.some(each => key(each) === key(role))
        ? same('role', role)
        : missing('role', role, 'is made', [{ phrase: 'role', values: { role } }]),
    ),
    ...source.users.map(user => userFinding(user, copy, logins)),
    ...copy.users.filter(user => find(source.users, user.name) === undefined).map(foreignUser),
    ...source.members.map(({ role, member }) => {
      const name = `${role}: ${member}`;
      return copy.members.some(each => key(each.role, each.member) === key(role, member))
        ? same('role-member', name)
        : missing('role-member', name, 'joins the role', [{ phrase: 'member', values: { role, member } }]);
    }),
    ...copy.members
      .filter(
        ({ role, member }) => !source.members.some(each => key(each.role, each.member) === key(role, member)),
      )
      .filter(({ member }) => find(source.users, member) !== undefined)
      .map(({ role, member }) =>
        byHand(
          'role-member',
          `${role}: ${member}`,
          'only on the copy: the development clone allows more than production does',
          `ALTER ROLE ${identifier(role)} DROP MEMBER ${identifier(member)};`,
        ),
      ),
    ...source.permissions.map(permission => permissionFinding(permission, copy)),
    ...copy.permissions
      .filter(
        permission =>
          find(source.users, permission.grantee) !== undefined &&
          !source.permissions.some(each => permissionKey(each) === permissionKey(permission)),
      )
      .map(permission =>
        byHand(
          'permission',
          permissionName(permission),
          'only on the copy: the development clone allows more than production does',
          `-- look, then REVOKE ${permission.permission} … FROM ${identifier(permission.grantee)};`,
        ),
      ),
    ...options(source, copy),
    ...keys(source, copy),
    ...source.sequences.map(({ schema, name, current }) =>
      copy.sequences.some(each => key(each.schema, each.name) === key(schema, name))
        ? same('sequence', `${schema}.${name}`, `production is at ${current}; set behind it at the hand-over`)
        : byHand(
            'sequence',
            `${schema}.${name}`,
            'is not in the copy: align the schema first',
            `CREATE SEQUENCE ${qualified(schema, name)} …;`,
          ),
    ),
    ...guards(source, copy),
  ];
}

function userFinding(
  user: User,
  copy: DatabaseFacts,
  logins: { readonly source: readonly Login[]; readonly copy: readonly Login[] },
): Finding {
  const there = find(copy.users, user.name);
  if (user.authentication === 2)
    return there === undefined
      ? byHand(
          'user',
          user.name,
          'a contained user: its password cannot be read',
          `CREATE USER ${identifier(user.name)} WITH PASSWORD = N'‹password›';`,
        )
      : same('user', user.name);
  if (user.login === undefined) {
    if (user.kind === 'sql' && user.authentication === 1)
      return byHand(
        'user',
        user.name,
        'an orphan on the publisher already: no login has its SID',
        `-- whose is it? ALTER USER ${identifier(user.name)} WITH LOGIN = ‹login›;`,
      );
    if (there !== undefined) return same('user', user.name);
    return missing('user', user.name, 'is made without a login', [
      { phrase: 'userWithoutLogin', values: { user: user.name, schema: user.schema } },
    ]);
  }
  const { login } = user;
  if (there === undefined)
    return missing('user', user.name, `is made for the login ${login}`, [
      { phrase: 'user', values: { user: user.name, login, schema: user.schema } },
    ]);
  if (there.login !== undefined && key(there.login) === key(login)) return same('user', user.name);
  // A login that is about to be made brings the SID that an unchanged copy of the user waits for.
  const coming = find(logins.copy, login) === undefined && find(logins.source, login)?.sid === there.sid;
  if (coming) return same('user', user.name, `finds its login ${login} as soon as that is made`);
  return different(
    'user',
    user.name,
    there.login === undefined
      ? `an orphan on the copy: it is led to the login ${login}`
      : `belongs to the login ${there.login} on the copy: it is led to ${login}`,
    [{ phrase: 'orphan', values: { user: user.name, login } }],
    'before',
  );
}

const foreignUser = ({ name, login }: User): Finding =>
  byHand(
    'user',
    name,
    `only on the copy${login === undefined ? '' : ` (login ${login})`}: production does not know it`,
    `DROP USER ${identifier(name)};  -- unless somebody at the target needs it`,
  );

const permissionKey = (each: Permission): string =>
  key(each.grantee, each.class, each.schema, each.object, each.column, each.permission, each.state);

const permissionName = ({ state, permission, schema, object, column, grantee }: Permission): string => {
  const where = [schema, object, column].filter(part => part !== '').join('.');
  return `${state} ${permission}${where === '' ? '' : ` ON ${where}`} TO ${grantee}`;
};

function permissionFinding(permission: Permission, copy: DatabaseFacts): Finding {
  const name = permissionName(permission);
  if (copy.permissions.some(each => permissionKey(each) === permissionKey(permission)))
    return same('permission', name);
  // CREATE USER gives it.
  if (
    permission.permission === 'CONNECT' &&
    permission.state === 'GRANT' &&
    !find(copy.users, permission.grantee)
  )
    return same('permission', name, 'comes with the user');
  const { schema, object, column } = permission;
  const values = { ...verbOf(permission), schema, object, column };
  switch (permission.class) {
    case 'DATABASE':
      return missing('permission', name, 'is given', [{ phrase: 'permission', values }]);
    case 'SCHEMA':
      return missing('permission', name, 'is given', [{ phrase: 'schemaPermission', values }]);
    case 'OBJECT_OR_COLUMN':
      return missing('permission', name, 'is given', [
        { phrase: column === '' ? 'objectPermission' : 'columnPermission', values },
      ]);
    default:
      return byHand(
        'permission',
        name,
        `a permission on a thing of the class ${permission.class}`,
        `-- ${permission.state} ${permission.permission} ON ${permission.class}::‹which› TO ${identifier(permission.grantee)};`,
      );
  }
}

/** An option that the hand-over sets; what the copy's backups need is set with the first of them. */
function options(source: DatabaseFacts, copy: DatabaseFacts): Finding[] {
  return source.options.map(({ name, value }): Finding => {
    const there = find(copy.options, name)?.value ?? '';
    if (key(there) === key(value)) return same('database-option', name, value);
    return {
      item: {
        kind: 'database-option',
        name,
        status: 'different',
        what: `${value} on production, ${there} on the copy; set at the hand-over`,
        scripted: true,
      },
    };
  });
}

function keys(source: DatabaseFacts, copy: DatabaseFacts): Finding[] {
  const found = source.keys
    .filter(name => !copy.keys.includes(name))
    .map(name =>
      byHand(
        'key',
        name,
        'is not in the copy',
        '-- bring it from a backup: BACKUP CERTIFICATE …, CREATE CERTIFICATE … FROM FILE; a symmetric key by KEY_SOURCE and IDENTITY_VALUE',
      ),
    );
  if (source.encrypted && !copy.encrypted)
    found.push(
      byHand(
        'encryption',
        source.name,
        'production is encrypted (TDE), the copy is not',
        `CREATE DATABASE ENCRYPTION KEY WITH ALGORITHM = AES_256 ENCRYPTION BY SERVER CERTIFICATE ‹certificate›; ALTER DATABASE ${identifier(copy.name)} SET ENCRYPTION ON;`,
      ),
    );
  return found;
}

const WORDS = { trigger: 'trigger', 'foreign-key': 'foreign key', check: 'check' } as const;

function guards(source: DatabaseFacts, copy: DatabaseFacts): Finding[] {
  return source.guards.flatMap(({ kind, name, disabled, trusted }): Finding[] => {
    const there = copy.guards.find(each => each.kind === kind && key(each.name) === key(name));
    // What is missing altogether is drift of the schema, and told there.
    if (there === undefined) return [];
    if (there.disabled === disabled && there.trusted === trusted) return [same(kind, name)];
    return [
      {
        item: {
          kind,
          name,
          // What production has disabled and the copy does not is nobody's hold.
          status: there.disabled || !disabled ? 'held' : 'different',
          what: `held while the copy follows; the hand-over puts the ${WORDS[kind]} back as production has it${disabled ? ' (disabled)' : ''}`,
          scripted: true,
        },
      },
    ];
  });
}

/** For the script: how an option is written. */
export function optionText(database: string, name: string, value: string): string {
  const on = identifier(database);
  switch (name) {
    case 'OWNER':
      return `ALTER AUTHORIZATION ON DATABASE::${on} TO ${identifier(value === '' ? 'sa' : value)};`;
    case 'COMPATIBILITY_LEVEL':
      return `ALTER DATABASE ${on} SET COMPATIBILITY_LEVEL = ${/^\d+$/.test(value) ? value : literal(value)};`;
    case 'READ_COMMITTED_SNAPSHOT':
      return `ALTER DATABASE ${on} SET READ_COMMITTED_SNAPSHOT ${value} WITH ROLLBACK IMMEDIATE;`;
    case 'ENABLE_BROKER':
      return value === 'ON'
        ? `ALTER DATABASE ${on} SET NEW_BROKER WITH ROLLBACK IMMEDIATE;`
        : `ALTER DATABASE ${on} SET DISABLE_BROKER WITH ROLLBACK IMMEDIATE;`;
    case 'PARAMETERIZATION':
      return `ALTER DATABASE ${on} SET PARAMETERIZATION ${value === 'ON' ? 'FORCED' : 'SIMPLE'};`;
    default:
      return `ALTER DATABASE ${on} SET ${name} ${value};`;
  }
}
