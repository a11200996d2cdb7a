import { SqlError } from '../../errors.ts';
import type { SystemProcedure } from '../../system/procedure.ts';
import { DATETIME } from '../../values/types.ts';
import { columns } from '../columns.ts';
import { writeNote } from '../notes.ts';
import { int, output, sysname } from '../parameters.ts';
import { linkDistributor, quoted } from '../places.ts';
import { publicationOf } from '../publications.ts';

/** Tracer tokens: a mark in the publisher's log whose arrival is timed at the distributor and at each subscriber. */

const publicationId = (publisher: string, database: string, publication: string): string =>
  `(SELECT publication_id FROM dbo.MSpublications WHERE publisher_id = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(publisher)})
  AND publisher_db = ${quoted(database)} AND publication = ${quoted(publication)})`;

const post: SystemProcedure = {
  name: 'sp_posttracertoken',
  home: { kind: 'sys' },
  parameters: [sysname('@publication'), output(int('@tracer_token_id', null)), sysname('@publisher', null)],
  async run(context, values) {
    const publication = await publicationOf(context, values.text('@publication'));
    const { database, instance } = context;
    const active = await context.query(
      database.name,
      `SELECT TOP (1) s.artid FROM dbo.syssubscriptions AS s JOIN dbo.sysarticles AS a ON a.artid = s.artid WHERE a.pubid = ${publication.id} AND s.status = 2`,
    );
    if (active.length === 0)
      throw new SqlError(
        21488,
        `No active subscriptions were found. The publication must have active subscriptions in order to post a tracer token.`,
      );
    const link = await linkDistributor(context);
    try {
      const [made] = await link.query(`DECLARE @made TABLE (tracer_id int);
INSERT dbo.MStracer_tokens (publication_id, publisher_commit) OUTPUT inserted.tracer_id INTO @made
VALUES (${publicationId(instance.name, database.name, publication.name)}, GETDATE());
SELECT tracer_id FROM @made`);
      const tracerId = Number(made?.['tracer_id']);
      database.store?.log.append({
        kind: 'note',
        text: writeNote({ kind: 'tracer', publication: publication.name, tracerId }),
      });
      context.output('@tracer_token_id', tracerId);
    } finally {
      await link.close();
    }
    return 0;
  },
};

const list: SystemProcedure = {
  name: 'sp_helptracertokens',
  home: { kind: 'sys' },
  parameters: [sysname('@publication'), sysname('@publisher', null), sysname('@publisher_db', null)],
  async run(context, values) {
    const publication = await publicationOf(context, values.text('@publication'));
    const link = await linkDistributor(context);
    try {
      const rows =
        await link.query(`SELECT tracer_id, CONVERT(varchar(23), publisher_commit, 121) AS at FROM dbo.MStracer_tokens
WHERE publication_id = ${publicationId(context.instance.name, context.database.name, publication.name)} ORDER BY publisher_commit DESC`);
      context.result(
        columns(['tracer_id', 'int'], ['publisher_commit', 'datetime']),
        rows.map(row => [Number(row['tracer_id']), datetimeOf(String(row['at']))]),
      );
    } finally {
      await link.close();
    }
    return 0;
  },
};

/** 1/300 s since 1900 of `2026-08-01 10:00:00.003`. */
const datetimeOf = (text: string): number =>
  Math.round(((Date.parse(`${text.replace(' ', 'T')}Z`) + 2_208_988_800_000) * 3) / 10);

const history: SystemProcedure = {
  name: 'sp_helptracertokenhistory',
  home: { kind: 'sys' },
  parameters: [
    sysname('@publication'),
    int('@tracer_id'),
    sysname('@publisher', null),
    sysname('@publisher_db', null),
  ],
  async run(context, values) {
    await publicationOf(context, values.text('@publication'));
    const link = await linkDistributor(context);
    try {
      const tracer = values.integer('@tracer_id') ?? 0;
      const [token] = await link.query(
        `SELECT tracer_id FROM dbo.MStracer_tokens WHERE tracer_id = ${tracer}`,
      );
      if (token === undefined)
        throw new SqlError(
          20688,
          `The tracer token ID (${tracer}) could not be found for Publisher ${context.instance.name}, database ${context.database.name}, publication ${values.text('@publication')}. Use the stored procedure sp_helptracertokens to retrieve a list of valid tracer token IDs.`,
        );
      const rows =
        await link.query(`SELECT DATEDIFF(second, t.publisher_commit, t.distributor_commit) AS distributor_latency, g.subscriber_name AS subscriber, g.subscriber_db,
  DATEDIFF(second, t.distributor_commit, h.subscriber_commit) AS subscriber_latency, DATEDIFF(second, t.publisher_commit, h.subscriber_commit) AS overall_latency
FROM dbo.MStracer_tokens AS t JOIN dbo.MSpublications AS p ON p.publication_id = t.publication_id
JOIN dbo.MSdistribution_agents AS g ON g.publisher_id = p.publisher_id AND g.publisher_db = p.publisher_db AND g.publication = p.publication
LEFT JOIN dbo.MStracer_history AS h ON h.parent_tracer_id = t.tracer_id AND h.agent_id = g.id
WHERE t.tracer_id = ${tracer}`);
      const number = (value: unknown) =>
        value === null || value === undefined ? null : BigInt(String(value));
      context.result(
        columns(
          ['distributor_latency', 'bigint'],
          ['subscriber', 'sysname'],
          ['subscriber_db', 'sysname'],
          ['subscriber_latency', 'bigint'],
          ['overall_latency', 'bigint'],
        ),
        rows.map(row => [
          number(row['distributor_latency']),
          String(row['subscriber']),
          String(row['subscriber_db']),
          number(row['subscriber_latency']),
          number(row['overall_latency']),
        ]),
      );
    } finally {
      await link.close();
    }
    return 0;
  },
};

const forget: SystemProcedure = {
  name: 'sp_deletetracertokenhistory',
  home: { kind: 'sys' },
  parameters: [
    sysname('@publication'),
    int('@tracer_id', null),
    { name: '@cutoff_date', type: DATETIME, default: null },
    sysname('@publisher', null),
    sysname('@publisher_db', null),
  ],
  async run(context, values) {
    const publication = await publicationOf(context, values.text('@publication'));
    const tracer = values.integer('@tracer_id');
    const cutoff = values.get('@cutoff_date');
    if ((tracer === null) === (cutoff === null))
      throw new SqlError(21821, 'Specify one and only one of the parameters - @tracer_id or @cutoff_date.');
    const where =
      tracer === null
        ? `publisher_commit <= DATEADD(ms, ${Math.round((Number(cutoff) % 25_920_000) / 0.3)}, DATEADD(day, ${Math.floor(Number(cutoff) / 25_920_000)}, '19000101'))`
        : `tracer_id = ${tracer}`;
    const link = await linkDistributor(context);
    try {
      await link.query(`DELETE dbo.MStracer_history WHERE parent_tracer_id IN (SELECT tracer_id FROM dbo.MStracer_tokens WHERE ${where}
    AND publication_id = ${publicationId(context.instance.name, context.database.name, publication.name)});
DELETE dbo.MStracer_tokens WHERE ${where} AND publication_id = ${publicationId(context.instance.name, context.database.name, publication.name)}`);
    } finally {
      await link.close();
    }
    return 0;
  },
};

export const TRACER_PROCEDURES: readonly SystemProcedure[] = [post, list, history, forget];
