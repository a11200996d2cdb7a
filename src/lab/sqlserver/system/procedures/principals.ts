import { putPrincipal } from '../../catalog/edit.ts';
import { SqlError, unsupported } from '../../errors.ts';
import { catalogOf } from '../catalog-facts.ts';
import { bracketed } from '../names.ts';
import type { ProcedureContext, SystemProcedure } from '../procedure.ts';
import { findPrincipal } from '../users.ts';
import { changeCatalog, columns, procedure } from './define.ts';

/** Runs the statement that has replaced the procedure. */
const instead = async (context: ProcedureContext, text: string): Promise<number> => {
  await context.query(context.database.name, text);
  return 0;
};

export const PRINCIPAL_PROCEDURES: readonly SystemProcedure[] = [
  procedure('sp_addrolemember', '@rolename sysname; @membername sysname', (context, values) =>
    instead(
      context,
      `ALTER ROLE ${bracketed(values.text('@rolename') ?? '')} ADD MEMBER ${bracketed(values.text('@membername') ?? '')}`,
    ),
  ),
  procedure('sp_droprolemember', '@rolename sysname; @membername sysname', (context, values) =>
    instead(
      context,
      `ALTER ROLE ${bracketed(values.text('@rolename') ?? '')} DROP MEMBER ${bracketed(values.text('@membername') ?? '')}`,
    ),
  ),
  procedure('sp_addsrvrolemember', '@loginame sysname; @rolename sysname = null', (context, values) =>
    instead(
      context,
      `ALTER SERVER ROLE ${bracketed(values.text('@rolename') ?? '')} ADD MEMBER ${bracketed(values.text('@loginame') ?? '')}`,
    ),
  ),
  procedure('sp_dropsrvrolemember', '@loginame sysname; @rolename sysname = null', (context, values) =>
    instead(
      context,
      `ALTER SERVER ROLE ${bracketed(values.text('@rolename') ?? '')} DROP MEMBER ${bracketed(values.text('@loginame') ?? '')}`,
    ),
  ),
  procedure('sp_addrole', '@rolename sysname; @ownername sysname = null', (context, values) =>
    instead(context, `CREATE ROLE ${bracketed(values.text('@rolename') ?? '')}`),
  ),
  procedure('sp_changedbowner', '@loginame sysname; @map varchar(5) = null', (context, values) =>
    instead(
      context,
      `ALTER AUTHORIZATION ON DATABASE::${bracketed(context.database.name)} TO ${bracketed(values.text('@loginame') ?? '')}`,
    ),
  ),
  procedure(
    'sp_change_users_login',
    '@Action varchar(10); @UserNamePattern sysname = null; @LoginName sysname = null; @Password sysname = null',
    async (context, values) => {
      const action = values.text('@Action')?.toLowerCase();
      const catalog = catalogOf(context, context.database);
      if (action === 'report') {
        context.result(
          columns('UserName sysname', 'UserSID varbinary(85)'),
          [...catalog.principals.values()]
            .filter(
              user =>
                user.type === 'S' &&
                user.id > 4 &&
                user.sid?.length === 16 &&
                context.instance.principals.bySid(user.sid) === undefined,
            )
            .map(user => [user.name, user.sid ?? null]),
        );
        return 0;
      }
      if (action !== 'update_one') {
        if (action === 'auto_fix') throw unsupported("sp_change_users_login 'Auto_Fix'");
        throw new SqlError(
          15286,
          `Terminating this procedure. The @action '${action ?? ''}' is unrecognized. Try 'REPORT', 'UPDATE_ONE', or 'AUTO_FIX'.`,
        );
      }
      const name = values.text('@UserNamePattern') ?? '';
      const user = findPrincipal(catalog, name);
      if (user === undefined || user.id < 5)
        throw new SqlError(
          15291,
          `Terminating this procedure. The User name '${name}' is absent or invalid.`,
        );
      const login = context.instance.principals.find(values.text('@LoginName') ?? '');
      if (login === undefined)
        throw new SqlError(
          15291,
          `Terminating this procedure. The Login name '${values.text('@LoginName') ?? ''}' is absent or invalid.`,
        );
      await changeCatalog(context, before => putPrincipal(before, { ...user, sid: login.sid }));
      return 0;
    },
  ),
];
