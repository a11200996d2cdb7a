import { z } from 'zod';
import { address, duration, name, port, secret, size, subject, word } from './values.ts';

/** A SQL Server database of the plan. */

export const DATABASE_LANES = ['backup', 'clone', 'snapshot', 'log-shipping', 'change-tracking'] as const;

export const databaseName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_$#-]{0,127}$/,
    'not a SQL Server database name: letters, digits and "_$#-", starting with a letter or "_"',
  );

const serverPath = z
  .string()
  .max(250)
  .regex(
    /^(?:\/|[A-Za-z]:\\|\\\\)[^"'\0\r\n]*$/,
    'not a folder of a server: write /path, D:\\path or \\\\server\\share',
  );

const sqlServer = {
  address,
  port: port.default(1433),
  user: word,
  password: secret,
  encrypt: z
    .enum(['strict', 'required', 'off'])
    .default('required')
    .describe('strict is TDS 8; off only for a server that cannot encrypt.'),
  trust_certificate: z
    .boolean()
    .default(false)
    .describe('Take the certificate of the server unseen. Only where the network itself is trusted.'),
  certificate_name: address.optional().describe('The name in its certificate, where it is not the address.'),
};

export const databasePlan = z.strictObject({
  tier: name,
  publisher: z
    .strictObject(sqlServer)
    .describe('Production. Replication calls it by its own name, not by this.'),
  subscriber: z
    .strictObject({
      ...sqlServer,
      database: databaseName.optional().describe('The copy; otherwise it is called as the source is.'),
    })
    .describe('The server at the target, where the copy stands by.'),
  distributor: z
    .strictObject(sqlServer)
    .optional()
    .describe('A third server that distributes; otherwise one of the two, see distributor_at.'),
  distributor_at: z
    .enum(['auto', 'publisher', 'subscriber'])
    .default('auto')
    .describe('auto: at the subscriber where its version allows, so that what was read survives the source.'),
  lane: z
    .enum(['auto', ...DATABASE_LANES])
    .default('auto')
    .describe('How the copy is seeded and kept; auto takes what the assessment recommends.'),
  clone: z
    .strictObject({ database: databaseName, as_of: z.string().max(60).optional() })
    .optional()
    .describe('A development clone on the subscriber that can seed the copy; it becomes the copy.'),
  backup: z
    .strictObject({
      folder: serverPath.describe('Where the publisher writes backups, as its service sees it.'),
      reads_as: serverPath
        .optional()
        .describe(
          'The same folder as the subscriber sees it (a share); otherwise files are carried by hand.',
        ),
      restore_to: serverPath.optional().describe('Folder of the restored data files on the subscriber.'),
    })
    .optional(),
  agents: z
    .strictObject({ user: word, password: secret })
    .optional()
    .describe('The SQL login with which replication agents connect; otherwise the service account.'),
  production: z
    .strictObject({
      maxdop: z.int().min(1).max(64).default(2).describe('Cores that a read on production may take.'),
      pause: duration.prefault('0s').describe('Pause between two reads on production.'),
      lock_timeout: duration.prefault('5s').describe('How long a change of metadata waits for a lock there.'),
      log_limit: size
        .prefault('50 GB')
        .describe('From this size of the log on landfall proposes to drop the publication.'),
    })
    .prefault({})
    .describe('What landfall may ask of production.'),
  size: size.optional(),
  after: z.array(subject).default([]),
  owner: z.string().max(100).optional(),
  department: z.string().max(100).optional().describe('Whose it is: worksheets are one a department.'),
});
