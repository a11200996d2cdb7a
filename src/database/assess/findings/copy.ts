import { formatBytes, formatDuration } from '../../../foundation/units.ts';
import type { DatabaseFinding } from '../../../journal/database-facts.ts';
import { identifier } from '../../../remote/sql/quote.ts';
import { comparable } from '../../catalog/tables.ts';
import { type Catalog, fullName, primaryKey, type Table } from '../../catalog/types.ts';
import { familyOf } from '../identity.ts';
import { type DatabaseSurvey, FILLING, RESTORING, type Survey } from '../survey.ts';
import { blocker, note, warning } from './finding.ts';
import { who } from './source.ts';

/** The clone, the database that the copy would replace, collations and room at the target (facts: mssql 0.2, 5.1, 5.3). */
export const copyFindings = (survey: Survey): DatabaseFinding[] => [
  ...clone(survey),
  ...target(survey),
  ...collations(survey),
  ...room(survey),
];

/** Less of production's tables than this in a clone, and it is not production's clone. */
const LEAST_OVERLAP = 0.5;

function clone(survey: Survey): DatabaseFinding[] {
  const { names, clone: found } = survey;
  if (names.clone === undefined)
    return [
      blocker({
        code: 'no-clone',
        subject: 'clone',
        what: 'the plan names no clone that could be made equal to production',
        remedy: 'where there is one on the subscriber: clone: { database: … } in the plan',
        closes: ['clone'],
      }),
      ...(survey.target === undefined
        ? [
            blocker({
              code: 'no-shell',
              subject: 'subscriber',
              what: `the subscriber has no database ${names.target} whose tables could be filled`,
              remedy: `CREATE DATABASE ${identifier(names.target)} with production's schema on the subscriber, or take a lane that restores`,
              closes: ['snapshot', 'change-tracking'],
            }),
          ]
        : []),
      ...(survey.target?.opens === true ? others(survey, survey.target) : []),
    ];
  if (found === undefined)
    return [
      blocker({
        code: 'clone-absent',
        subject: 'clone',
        what: `the subscriber has no database ${names.clone}`,
        remedy: 'write its name as the subscriber has it: SELECT name FROM sys.databases',
        closes: FILLING,
      }),
    ];
  if (!found.opens)
    return [
      blocker({
        code: 'clone-closed',
        subject: 'clone',
        what: `the clone ${found.name} cannot be opened: it is ${found.state}, ${found.access}`,
        remedy:
          found.state === 'RESTORING'
            ? `RESTORE DATABASE ${identifier(found.name)} WITH RECOVERY ends a restore that was left open`
            : `ALTER DATABASE ${identifier(found.name)} SET ONLINE, MULTI_USER`,
        closes: FILLING,
      }),
    ];
  return [...origin(survey, found), ...others(survey, found), ...readOnly(found)];
}

function origin({ source, publisher }: Survey, found: DatabaseSurvey): DatabaseFinding[] {
  const restored = familyOf(found.id) === familyOf(source.id) && found.id !== '';
  const overlap = overlapOf(source.catalog, found.catalog);
  const percent = `${Math.round(overlap.share * 100)} %`;
  if (overlap.share < LEAST_OVERLAP)
    return [
      blocker({
        code: 'foreign-clone',
        subject: 'clone',
        what: `${found.name} has ${percent} of production's tables: it is no clone of ${source.name}`,
        remedy: 'name the right database under clone: in the plan',
        closes: FILLING,
        evidence: [
          `only in production: ${overlap.missing.slice(0, 8).join(', ') || 'none'}`,
          `only in the clone: ${overlap.extra.slice(0, 8).join(', ') || 'none'}`,
          restored ? 'both come from one database' : 'they come from different databases',
        ],
      }),
    ];
  return [
    note({
      code: restored ? 'clone-restored' : 'clone-built',
      subject: 'clone',
      what: restored
        ? `${found.name} was restored from a backup of ${source.name} once`
        : `${found.name} was not restored from a backup of ${source.name} on ${publisher.facts.name}: it was built, and holds ${percent} of its tables`,
      remedy: 'nothing; every row is compared anyway',
    }),
  ];
}

/** Share of production's tables with a key that the clone has with the same key columns. */
export function overlapOf(
  source: Catalog | undefined,
  copy: Catalog | undefined,
): { readonly share: number; readonly missing: readonly string[]; readonly extra: readonly string[] } {
  if (source === undefined || copy === undefined) return { share: 0, missing: [], extra: [] };
  const { pairs, onlyLeft, onlyRight } = comparable(source, copy);
  const all = pairs.length + onlyLeft.length;
  const alike = pairs.filter(({ left, right }) => sharesColumns(left, right)).length;
  return {
    share: all === 0 ? 1 : alike / all,
    missing: onlyLeft.map(fullName),
    extra: onlyRight.map(fullName),
  };
}

function sharesColumns(left: Table, right: Table): boolean {
  const there = new Set(right.columns.map(({ name }) => name.toLowerCase()));
  const keys = primaryKey(left)?.columns.filter(column => !column.included) ?? [];
  if (keys.some(({ name }) => !there.has(name.toLowerCase()))) return false;
  const shared = left.columns.filter(({ name }) => there.has(name.toLowerCase())).length;
  return shared * 2 >= left.columns.length;
}

const DAY_MINUTES = 1440;

function others({ names, begun }: Survey, found: DatabaseSurvey): DatabaseFinding[] {
  const result: DatabaseFinding[] = [];
  // Agents name themselves after their publication.
  const strangers = found.sessions.filter(({ program }) => !(begun && program?.includes(names.publication)));
  if (strangers.length > 0)
    result.push(
      warning({
        code: 'copy-in-use',
        subject: 'clone',
        what: `${strangers.length} sessions of others are in ${found.name}: whoever writes there makes replication fail (20598, 2627)`,
        remedy: `end them, and keep them out: ALTER DATABASE ${identifier(found.name)} SET RESTRICTED_USER WITH ROLLBACK IMMEDIATE; DENY CONNECT for their users`,
        evidence: strangers.map(who),
      }),
    );
  if (strangers.length === 0 && !begun && (found.writtenMinutesAgo ?? DAY_MINUTES) < DAY_MINUTES)
    result.push(
      warning({
        code: 'copy-written',
        subject: 'clone',
        what: `somebody wrote into ${found.name} ${formatDuration((found.writtenMinutesAgo ?? 0) * 60_000)} ago; nobody is connected now`,
        remedy: 'look for jobs and developers that will come back, and keep them out while landfall fills it',
        evidence: ['sys.dm_db_index_usage_stats, last_user_update'],
      }),
    );
  const foreign = found.subscriptions.filter(({ publication }) => publication !== names.publication);
  if (foreign.length > 0)
    result.push(
      blocker({
        code: 'copy-subscribes',
        subject: 'clone',
        what: `${found.name} is fed by a subscription of others: two writers cannot keep one copy`,
        remedy: 'have its owner drop that subscription, or take another database',
        closes: FILLING,
        evidence: foreign.map(each => `${each.publisher}.${each.database}, publication ${each.publication}`),
      }),
    );
  const published = found.publications;
  if (published.length > 0)
    result.push(
      warning({
        code: 'copy-published',
        subject: 'clone',
        what: `${found.name} is published itself: everything that lands in it goes on to its subscribers, and its log waits for them`,
        remedy: 'have its owner drop these publications',
        evidence: published,
      }),
    );
  return result;
}

const readOnly = (found: DatabaseSurvey): DatabaseFinding[] =>
  found.facts?.readOnly === true
    ? [
        blocker({
          code: 'clone-read-only',
          subject: 'clone',
          what: `the clone ${found.name} is read-only`,
          remedy: `ALTER DATABASE ${identifier(found.name)} SET READ_WRITE`,
          closes: FILLING,
        }),
      ]
    : [];

/** A restore writes over what has the copy's name; landfall does that to nothing that it has not made. */
function target({ names, target: found, clone: cloned, begun, plan }: Survey): DatabaseFinding[] {
  const result: DatabaseFinding[] = [];
  if (found !== undefined && !begun && found !== cloned)
    result.push(
      blocker({
        code: 'copy-exists',
        subject: 'subscriber',
        what: `the subscriber has a database ${names.target} already, and a restore would destroy it`,
        remedy: 'in the plan: subscriber: { database: <another name> }; or drop it where nobody needs it',
        closes: RESTORING,
        evidence: [`${found.name}, ${found.state}`],
      }),
    );
  if (found !== undefined && !begun && found === cloned)
    result.push(
      blocker({
        code: 'clone-in-the-way',
        subject: 'subscriber',
        what: `the copy would be called ${names.target}, as the clone is: a restore would destroy the clone`,
        remedy: 'in the plan: subscriber: { database: <another name> }, and the clone stays as it is',
        closes: RESTORING,
      }),
    );
  if (plan.backup === undefined)
    result.push(
      blocker({
        code: 'no-backup-folder',
        subject: 'publisher',
        what: 'the plan does not say where the publisher may write backups',
        remedy: 'in the plan: backup: { folder: …, reads_as: … }',
        closes: RESTORING,
      }),
    );
  else if (plan.backup.reads_as === undefined)
    result.push(
      warning({
        code: 'files-by-hand',
        subject: 'subscriber',
        what: 'the subscriber does not see the folder of the backups: somebody carries the files',
        remedy: 'a share that both services may read: backup: { reads_as: … } in the plan',
      }),
    );
  return result;
}

function collations({ publisher, subscriber, source, clone: found }: Survey): DatabaseFinding[] {
  const result: DatabaseFinding[] = [];
  if (publisher.facts.collation !== subscriber.facts.collation)
    result.push(
      warning({
        code: 'server-collation-differs',
        subject: 'subscriber',
        what: `the servers have different collations: comparisons with temporary tables fail there that succeed here (468)`,
        remedy: `install the target with ${publisher.facts.collation}, or COLLATE DATABASE_DEFAULT in code that uses temporary tables`,
        evidence: [`publisher ${publisher.facts.collation}`, `subscriber ${subscriber.facts.collation}`],
      }),
    );
  const [here, there] = [source.facts?.collation, found?.facts?.collation];
  if (here !== undefined && there !== undefined && here !== there)
    result.push(
      warning({
        code: 'database-collation-differs',
        subject: 'clone',
        what: `the clone's collation ${there} is not production's ${here}: new columns and variables compare differently`,
        remedy: `ALTER DATABASE ${identifier(found?.name ?? '')} COLLATE ${here}`,
      }),
    );
  const keys = keyCollations(source.catalog, found?.catalog);
  if (keys.length > 0)
    result.push(
      blocker({
        code: 'key-collation-differs',
        subject: 'clone',
        what: 'columns of primary keys have another collation in the clone: keys that differ in production may be one there',
        remedy:
          'ALTER TABLE … ALTER COLUMN … COLLATE, with the key dropped and made again; or take a lane that restores',
        closes: FILLING,
        evidence: keys,
      }),
    );
  return result;
}

function keyCollations(source: Catalog | undefined, copy: Catalog | undefined): string[] {
  if (source === undefined || copy === undefined) return [];
  return comparable(source, copy).pairs.flatMap(({ left, right }) =>
    (primaryKey(left)?.columns ?? [])
      .filter(column => !column.included)
      .flatMap(({ name }) => {
        const one = left.columns.find(column => column.name === name)?.collation;
        const other = right.columns.find(
          column => column.name.toLowerCase() === name.toLowerCase(),
        )?.collation;
        return one === undefined || other === undefined || one === other
          ? []
          : [`${fullName(left)}.${name}: ${one}, in the clone ${other}`];
      }),
  );
}

function room({ source, subscriber, clone: found, target: existing }: Survey): DatabaseFinding[] {
  const { facts } = source;
  const free = found?.free?.data ?? existing?.free?.data ?? subscriber.facts.freeBytes;
  if (facts === undefined || free === undefined) return [];
  const result: DatabaseFinding[] = [];
  const whole = facts.dataBytes + facts.logBytes;
  if (free < whole)
    result.push(
      blocker({
        code: 'no-room-to-restore',
        subject: 'subscriber',
        what: `a restored copy needs ${formatBytes(whole)}; ${formatBytes(free)} are free where databases lie`,
        remedy: 'make room, or name another folder: backup: { restore_to: … } in the plan',
        closes: RESTORING,
        evidence: [`data ${formatBytes(facts.dataBytes)}, log ${formatBytes(facts.logBytes)}`],
      }),
    );
  const grows = Math.max(0, facts.dataBytes - (found?.facts?.dataBytes ?? 0)) + facts.dataBytes / 20;
  if (found !== undefined && free < grows)
    result.push(
      blocker({
        code: 'no-room-to-fill',
        subject: 'subscriber',
        what: `the clone may grow by ${formatBytes(grows)}; ${formatBytes(free)} are free where it lies`,
        remedy: 'make room on the volume of its data files',
        closes: FILLING,
      }),
    );
  return result;
}
