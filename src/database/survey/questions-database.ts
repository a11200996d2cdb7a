import { z } from 'zod';
import type { Role } from '../../remote/sql/statement.ts';
import { question } from '../assess/questions-server.ts';
import { flag, text, textOrNull, whole } from '../assess/rows.ts';
import { catalogRead, tablesQuery } from '../catalog/queries.ts';
import { shapeOf } from './versions.ts';

/** Questions about one database that the plan moves, beside those of the assessment. */

const count = z.string().transform(Number);

/** Tables with rows and bytes, as the catalog reads them. */
export const tablesQuestion = (on: Role, database: string, major: number) => ({
  statement: catalogRead(on, database, 'tables, rows and bytes', tablesQuery(shapeOf(major))),
  row: z.object({
    id: whole,
    schema: text,
    name: text,
    rows: count,
    bytes: count,
    lobBytes: count,
    temporal: whole,
    memoryOptimized: flag,
    fileTable: flag,
    external: flag,
    node: flag,
    edge: flag,
    ledger: whole,
  }),
});

export const keysQuestion = (on: Role, database: string) =>
  question(
    on,
    database,
    `tables of ${database} with a primary key`,
    z.object({ id: whole }),
    `SELECT parent_object_id AS id FROM sys.key_constraints WHERE type = 'PK';`,
  );

export const fileGroupsQuestion = (on: Role, database: string) =>
  question(
    on,
    database,
    `kinds of filegroups of ${database}`,
    z.object({ streams: whole, memory: whole }),
    `SELECT COUNT(CASE WHEN type = 'FD' THEN 1 END) AS streams, COUNT(CASE WHEN type = 'FX' THEN 1 END) AS memory FROM sys.filegroups;`,
  );

/** Synonyms of what lies in another database or on another server. */
export const synonymsQuestion = (on: Role, database: string) =>
  question(
    on,
    database,
    `synonyms that lead out of ${database}`,
    z.object({ from: text, server: textOrNull, database: text }),
    `SELECT TOP (200) s.name + N'.' + y.name AS [from], PARSENAME(y.base_object_name, 4) AS server,
  PARSENAME(y.base_object_name, 3) AS [database]
FROM sys.synonyms AS y JOIN sys.schemas AS s ON s.schema_id = y.schema_id
WHERE PARSENAME(y.base_object_name, 3) IS NOT NULL
  AND (PARSENAME(y.base_object_name, 4) IS NOT NULL OR PARSENAME(y.base_object_name, 3) <> DB_NAME())
ORDER BY s.name, y.name;`,
  );

/** Words after which a name of something elsewhere stands. */
const WORDS = ['OPENQUERY', 'OPENROWSET', 'OPENDATASOURCE', ') AT '] as const;
const CODE = 'm.definition COLLATE Latin1_General_CI_AS';

/** Text after its word, up to the first comma, or 200 characters: passwords stand behind it and do not leave the server. */
const after = (word: string): string => {
  const rest = `SUBSTRING(m.definition, CHARINDEX(N'${word}', ${CODE}) + ${word.length}, 200)`;
  return `SELECT TOP (100) s.name + N'.' + o.name AS [from], N'${word.replace(/\W/g, '')}' AS word,
  LEFT(${rest}, CHARINDEX(N',', ${rest} + N',') - 1) AS said
${FROM} WHERE CHARINDEX(N'${word}', ${CODE}) > 0`;
};

const FROM = `FROM sys.sql_modules AS m JOIN sys.objects AS o ON o.object_id = m.object_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id`;

const SHARE = `PATINDEX(N'%\\\\[A-Za-z0-9]%\\[A-Za-z0-9]%', ${CODE})`;
const SHARE_TEXT = `SUBSTRING(m.definition, ${SHARE}, 160)`;

/** Code that names a linked server, a data source or a share as text, where the server keeps no list of it. */
export const codeQuestion = (on: Role, database: string) => ({
  ...question(
    on,
    database,
    `code of ${database} that names other servers and shares`,
    z.object({ from: text, word: text, said: text }),
    `${WORDS.map(after).join('\nUNION ALL ')}
UNION ALL SELECT TOP (100) s.name + N'.' + o.name AS [from], N'SHARE' AS word,
  LEFT(${SHARE_TEXT}, PATINDEX(N'%['' ";,)]%', ${SHARE_TEXT} + N' ') - 1) AS said
${FROM} WHERE ${SHARE} > 0;`,
  ),
});

export const brokerQuestion = (on: Role, database: string) =>
  question(
    on,
    database,
    `Service Broker of ${database}`,
    z.object({ services: whole }),
    `SELECT COUNT(*) AS services FROM sys.services WHERE service_id > 65535;`,
  );

export const routesQuestion = (on: Role, database: string) =>
  question(
    on,
    database,
    `routes of Service Broker out of ${database}`,
    z.object({ name: text, address: text }),
    `SELECT TOP (100) name, address FROM sys.routes WHERE address IS NOT NULL AND address NOT IN (N'LOCAL', N'TRANSPORT') ORDER BY name;`,
  );

/** Users of SQL logins that this server does not have: nobody comes in by them. */
export const orphansQuestion = (on: Role, database: string) =>
  question(
    on,
    database,
    `users of ${database} without a login`,
    z.object({ orphans: whole }),
    `SELECT COUNT(*) AS orphans FROM sys.database_principals
WHERE type = 'S' AND authentication_type = 1 AND principal_id > 4 AND SUSER_SNAME(sid) IS NULL;`,
  );
