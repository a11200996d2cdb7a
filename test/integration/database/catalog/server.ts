import { connectSqlServer } from '../../../../src/remote/sql/connect.ts';
import type { SqlServer } from '../../../../src/remote/sql/server.ts';
import type { Role } from '../../../../src/remote/sql/statement.ts';

/** A double as landfall reaches it: through the driver. */
export const serverAt = (role: Role, port: number, password: string): SqlServer =>
  connectSqlServer(
    {
      role,
      label: `${role} 127.0.0.1`,
      address: '127.0.0.1',
      port,
      user: 'sa',
      password,
      encrypt: 'off',
      trustCertificate: false,
    },
    { secret: reference => reference },
  );
