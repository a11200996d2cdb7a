import { literal } from '../../remote/sql/quote.ts';
import type { Deed } from '../../remote/sql/statement.ts';
import type { Scene } from '../stage.ts';
import { MADE_TABLE, MARKER_TABLE, MARKER_TEXT } from './marker.ts';
import { asking, askingDistribution, call, inDistribution, procedureOf, writing } from './phrases.ts';

/** The marker table, in production and, where the copy does not come with it, in the copy. */
export const markerDeed = (on: 'publisher' | 'subscriber', database: string): Deed => ({
  id: `marker/${on}`,
  statement: writing({
    on,
    database,
    title: 'the marker table: a row that arrives proves that all before it has arrived',
    text: MARKER_TEXT,
  }),
  done: asking(on, database, 'is the marker table there?', `OBJECT_ID(N'${MARKER_TABLE}', N'U') IS NOT NULL`),
});

/**
 * The publication keeps every change from its first article on (allow_initialize_from_backup with immediate_sync; without
 * the second the clean-up may take what the first promised), whether or not anybody subscribes yet.
 */
export function publicationDeeds({ ref }: Scene): readonly Deed[] {
  const publication = literal(ref.publication);
  const there = `EXISTS (SELECT 1 FROM dbo.syspublications WHERE name = ${publication})`;
  const statement = writing({
    on: 'publisher',
    database: ref.source,
    title: `the publication ${ref.publication}`,
    text: call(procedureOf(ref.source, 'sp_addpublication'), {
      publication,
      description: "N'made by landfall; its teardown removes it'",
      sync_method: "N'concurrent'",
      repl_freq: "N'continuous'",
      status: "N'active'",
      independent_agent: "N'true'",
      immediate_sync: "N'true'",
      allow_initialize_from_backup: "N'true'",
      allow_push: "N'true'",
      allow_pull: "N'false'",
      allow_anonymous: "N'false'",
      retention: 0,
      replicate_ddl: 1,
    }),
  });
  return [
    {
      id: 'publication',
      statement,
      done: asking(
        'publisher',
        ref.source,
        'is there the publication?',
        `EXISTS (SELECT 1 FROM dbo.syspublications
  WHERE name = ${publication} AND status = 1 AND immediate_sync = 1 AND allow_initialize_from_backup = 1)`,
      ),
      mend: {
        isHalfMade: asking('publisher', ref.source, 'is it half made?', there),
        statements: [dropHalf(ref)],
      },
    },
    {
      id: 'publication/distributor',
      statement,
      done: askingDistribution(
        ref,
        'does the distributor know the publication?',
        `EXISTS (SELECT 1 FROM ${inDistribution(ref, 'MSpublications')}
    WHERE publisher_id = @publisher AND publisher_db = ${literal(ref.source)} AND publication = ${publication})`,
      ),
      mend: {
        isHalfMade: asking('publisher', ref.source, 'does the publisher alone know it?', there),
        statements: [dropHalf(ref)],
      },
    },
  ];
}

const dropHalf = (ref: Scene['ref']) =>
  writing({
    on: 'publisher',
    database: ref.source,
    title: 'drop a publication that only the publisher knows (only where an earlier attempt was cut off)',
    text: call(procedureOf(ref.source, 'sp_droppublication'), {
      publication: literal(ref.publication),
      ignore_distributor: 1,
    }),
  });

/** Only the native snapshot needs it; 1 is once, by hand: the default would make a new snapshot every day. */
export function snapshotAgentDeed({ ref, plan }: Scene): Deed {
  const { agents } = plan;
  return {
    id: 'snapshot-agent',
    statement: writing({
      on: 'publisher',
      database: ref.source,
      title: 'the snapshot agent, which only runs when it is started',
      text: call(procedureOf(ref.source, 'sp_addpublication_snapshot'), {
        publication: literal(ref.publication),
        frequency_type: 1,
        publisher_security_mode: agents === undefined ? 1 : 0,
        publisher_login: agents === undefined ? undefined : literal(agents.user),
        publisher_password: agents === undefined ? undefined : '@agent_password',
      }),
      ...(agents === undefined ? {} : { secrets: { agent_password: agents.password } }),
    }),
    done: askingDistribution(
      ref,
      'is there the snapshot agent?',
      `EXISTS (SELECT 1 FROM ${inDistribution(ref, 'MSsnapshot_agents')}
    WHERE publisher_id = @publisher AND publisher_db = ${literal(ref.source)} AND publication = ${literal(ref.publication)})`,
    ),
  };
}

/** A login of agents has to be on the access list, whatever else it may; the record says that it was put there. */
export function accessDeeds({ ref, plan }: Scene): readonly Deed[] {
  if (plan.agents === undefined) return [];
  const login = literal(plan.agents.user);
  return [
    {
      id: 'access',
      statement: writing({
        on: 'publisher',
        database: ref.source,
        title: `agents may come as ${plan.agents.user}`,
        text: `${call(procedureOf(ref.source, 'sp_grant_publication_access'), { publication: literal(ref.publication), login })}
INSERT INTO ${MADE_TABLE} ([kind], [name], [before]) VALUES (N'access', ${login}, N'absent');`,
      }),
      done: asking(
        'publisher',
        ref.source,
        `may agents come as ${plan.agents.user}?`,
        `EXISTS (SELECT 1 FROM ${MADE_TABLE} WHERE [kind] = N'access' AND [name] = ${login})`,
      ),
    },
  ];
}

/** The end of capture, written down where the next look finds it: changes arrive at the distributor, as was seen. */
export const capturedDeed = ({ ref }: Scene): Deed => ({
  id: 'captured',
  statement: writing({
    on: 'publisher',
    database: ref.source,
    title: 'write down that changes were seen at the distributor',
    text: `INSERT INTO ${MADE_TABLE} ([kind], [name], [before]) VALUES (N'captured', ${literal(ref.publication)}, N'absent');`,
  }),
  done: asking(
    'publisher',
    ref.source,
    'were changes seen at the distributor?',
    `EXISTS (SELECT 1 FROM ${MADE_TABLE} WHERE [kind] = N'captured' AND [name] = ${literal(ref.publication)})`,
  ),
});
