import { identifier, qualified } from '../../remote/sql/quote.ts';
import { OWN_SCHEMA } from '../catalog/types.ts';

/**
 * The marker table: `id bigint` primary key, `at datetime2(7)` of the publisher's clock in UTC. It is an article like any
 * other, so that a row that arrives proves that everything that committed before it has arrived.
 */
export const MARKER_NAME = 'marker';
export const MARKER_TABLE = qualified(OWN_SCHEMA, MARKER_NAME);
/** The article, and what its procedures at the subscriber are called after. */
export const MARKER_ARTICLE = `${OWN_SCHEMA}.${MARKER_NAME}`;

/** What landfall made or changed in a database, with what was there before: `kind`, `name`, `before`. */
export const MADE_TABLE = qualified(OWN_SCHEMA, 'made');

/** T-SQL that makes landfall's schema in the database it runs in, where it is not there yet. */
export const SCHEMA_TEXT = `IF SCHEMA_ID(N'${OWN_SCHEMA}') IS NULL EXEC (N'CREATE SCHEMA ${identifier(OWN_SCHEMA)} AUTHORIZATION [dbo]');`;

/** T-SQL that makes the marker table, where it is not there yet. */
export const MARKER_TEXT = `${SCHEMA_TEXT}
IF OBJECT_ID(N'${MARKER_TABLE}', N'U') IS NULL
  CREATE TABLE ${MARKER_TABLE} ([id] bigint NOT NULL CONSTRAINT [landfall_marker_key] PRIMARY KEY, [at] datetime2(7) NOT NULL);`;
