import type { DatabaseFinding } from '../../../journal/database-facts.ts';
import { identifier, literal } from '../../../remote/sql/quote.ts';
import { PUBLISHING, type ServerSurvey, type Survey } from '../survey.ts';
import { blocker, note, warning } from './finding.ts';

/** Replication, capture and tracking that are there already, and whose they are (facts: mssql 1.2, 2.4, 2.5). */
export const replicationFindings = (survey: Survey): DatabaseFinding[] => [
  ...distributors(survey),
  ...publications(survey),
  ...retention(survey),
  ...capture(survey),
];

/** Beyond the deadline: a hand-over that is late, a weekend. What sets replication up refuses below the same hours. */
const BEYOND_HOURS = 48;
const LEAST_HOURS = 168;

/** How long commands have to be kept: until two days after the deadline, and never less than a week. */
export const hoursToKeep = (hoursLeft: number | undefined): number =>
  hoursLeft === undefined ? LEAST_HOURS : Math.max(LEAST_HOURS, Math.ceil(hoursLeft) + BEYOND_HOURS);

function distributors({ publisher, distributor, distributorAt, names, begun }: Survey): DatabaseFinding[] {
  const has = publisher.distributor;
  if (has === undefined) return strangers(distributor, publisher, names, begun);
  const wanted = distributor.facts.name;
  const local = publisher.facts.name;
  const at = serverOnly(has);
  if (at.toLowerCase() === wanted.toLowerCase())
    return [
      note({
        code: 'distributor-there',
        subject: 'publisher',
        what: `the publisher has the distributor ${at} already; landfall uses it and leaves it there`,
        remedy: 'nothing',
        evidence: [
          `distribution databases: ${distributor.distribution.map(({ name }) => name).join(', ') || 'none'}`,
          `publishers of it: ${distributor.publishers.join(', ') || 'none'}`,
        ],
      }),
    ];
  return [
    blocker({
      code: 'distributor-elsewhere',
      subject: 'publisher',
      what: `the publisher has the distributor ${at}, which is not the ${distributorAt} ${wanted}; a publisher has one, and landfall does not move another's`,
      remedy:
        at.toLowerCase() === local.toLowerCase()
          ? 'in the plan: distributor_at: publisher'
          : `in the plan: distributor: the server ${at}; or a lane that does not publish`,
      closes: PUBLISHING,
    }),
  ];
}

/** A distributor that others have set up, and that does not know this publisher: its password is theirs. */
function strangers(
  distributor: ServerSurvey,
  publisher: ServerSurvey,
  names: Survey['names'],
  begun: boolean,
): DatabaseFinding[] {
  if (begun || distributor.distribution.length === 0 || distributor === publisher) return [];
  return [
    blocker({
      code: 'distributor-of-others',
      subject: 'distributor',
      what: `${distributor.facts.name} is a distributor that others have set up, and ${publisher.facts.name} is not registered at it`,
      remedy: `its owner, there: EXEC sys.sp_adddistpublisher @publisher = ${literal(publisher.facts.name)}, @distribution_db = ${literal(names.distribution)}; on the publisher: EXEC sys.sp_adddistributor @distributor = ${literal(distributor.facts.name)}, @password = …; or distributor_at in the plan: the other server`,
      closes: PUBLISHING,
      evidence: [
        `distribution databases: ${distributor.distribution.map(({ name }) => name).join(', ')}`,
        `publishers of it: ${distributor.publishers.join(', ') || 'none'}`,
      ],
    }),
  ];
}

/** `HOST\INST,PORT` without the port. */
const serverOnly = (name: string): string => name.split(',')[0]?.trim() ?? name;

function publications({ source, names, publisher }: Survey): DatabaseFinding[] {
  const found: DatabaseFinding[] = [];
  const foreign = source.publications.filter(name => name !== names.publication);
  if (foreign.length > 0)
    found.push(
      warning({
        code: 'published-already',
        subject: 'database',
        what: `${source.name} is published already; landfall adds a publication of its own and touches none of these`,
        remedy:
          'tell their owners: one Log Reader serves all of them, and its queue grows by what landfall publishes',
        evidence: foreign,
      }),
    );
  if (source.mergePublished)
    found.push(
      warning({
        code: 'merge-published',
        subject: 'database',
        what: `${source.name} is published for merge: its tables have triggers and a rowguid column of replication`,
        remedy: 'look through the tables that merge added (conflict_, MSmerge_): they do not have to travel',
      }),
    );
  if (source.subscriptions.length > 0)
    found.push(
      warning({
        code: 'source-subscribes',
        subject: 'database',
        what: `${source.name} is a subscriber itself: what its publishers send it is published on`,
        remedy: 'point their subscriptions to the target after the hand-over; landfall does not touch them',
        evidence: source.subscriptions.map(
          each => `${each.publisher}.${each.database}, publication ${each.publication}`,
        ),
      }),
    );
  if (
    source.facts?.logReuseWait === 'REPLICATION' &&
    source.publications.length === 0 &&
    source.facts.cdc === false
  )
    found.push(
      warning({
        code: 'replication-left-over',
        subject: 'database',
        what: `the log of ${source.name} waits for a replication that is not there any more, and grows`,
        remedy: `a DBA decides: EXEC sp_removedbreplication ${literal(source.name)}; on the publisher`,
        evidence: ['log_reuse_wait_desc REPLICATION, no publication, no change data capture'],
      }),
    );
  if (publisher.facts.sysadmin && source.syncWithBackup)
    found.push(
      warning({
        code: 'sync-with-backup',
        subject: 'database',
        what: 'commands reach the distributor only after the next log backup of the publisher (sync with backup)',
        remedy: `for the time of the evacuation: EXEC sp_replicationdboption ${literal(source.name)}, N'sync with backup', N'false'`,
        evidence: ['is_sync_with_backup = 1'],
      }),
    );
  return found;
}

function retention({ distributor, names, hoursLeft }: Survey): DatabaseFinding[] {
  const there = distributor.distribution.find(({ name }) => name === names.distribution);
  const needed = hoursToKeep(hoursLeft);
  if (there === undefined || there.hours >= needed) return [];
  return [
    blocker({
      code: 'retention-too-short',
      subject: 'distributor',
      what: `the distributor keeps commands for ${there.hours} h; until the deadline and two days beyond, ${needed} h are needed, or the subscription expires before the hand-over`,
      remedy: `EXEC ${identifier(names.distribution)}.sys.sp_changedistributiondb @database = ${literal(names.distribution)}, @property = N'max_distretention', @value = N'${needed}'; on the distributor${distributor.publishers.length > 0 ? `, with the owners of ${distributor.publishers.join(', ')}: it holds for them, too` : ''}`,
      closes: PUBLISHING,
      evidence: [
        `max_distretention ${there.hours} h`,
        hoursLeft === undefined ? 'no deadline is known' : `${Math.ceil(hoursLeft)} h to the deadline`,
      ],
    }),
  ];
}

function capture({ source, hoursLeft }: Survey): DatabaseFinding[] {
  const found: DatabaseFinding[] = [];
  if (source.facts?.cdc === true)
    found.push(
      warning({
        code: 'change-data-capture',
        subject: 'database',
        what: `change data capture is on in ${source.name}: once it is published, the Log Reader does the capture job's work, too`,
        remedy:
          'tell its readers; landfall switches nothing of it off, and the capture job comes back at teardown',
      }),
    );
  const { tracking } = source;
  if (tracking === undefined) return found;
  const needed = hoursToKeep(hoursLeft);
  if (tracking.cleans && tracking.hours < needed)
    found.push(
      warning({
        code: 'tracking-too-short',
        subject: 'database',
        what: `change tracking is on and keeps changes for ${tracking.hours} h; a copy that stands still longer than that has to be made anew`,
        remedy: `where the lane is change-tracking: ALTER DATABASE ${identifier(source.name)} SET CHANGE_TRACKING (CHANGE_RETENTION = ${needed} HOURS); with those who use it`,
      }),
    );
  found.push(
    note({
      code: 'tracked-already',
      subject: 'database',
      what: 'change tracking is used by others; landfall leaves it on at teardown',
      remedy: 'nothing',
      evidence: [`retention ${tracking.hours} h, cleanup ${tracking.cleans ? 'on' : 'off'}`],
    }),
  );
  return found;
}
