import { freshness } from '../../estate/freshness.ts';
import { harmless } from '../../foundation/text.ts';
import { counted, formatBytes } from '../../foundation/units.ts';
import type { State } from '../../journal/state.ts';
import type { Plan } from '../../plan/schema.ts';
import type { View } from '../../step/step.ts';
import type { Shown } from './json.ts';
import { detail, hung } from './lay.ts';

type Server = NonNullable<State['servers']>[string];

/** Each SQL Server that was looked at: what it is, its databases, what acts there. Empty where the plan has none. */
export function serversText(
  { plan, state }: View,
  { now, width }: Pick<Shown, 'now'> & { readonly width: number },
): string {
  const lines = Object.entries(state.servers ?? {}).flatMap(([key, server]) => [
    ...hung(
      `${harmless(key)}: `,
      `${harmless(server.name)}, SQL Server ${harmless(server.version)}, ${harmless(server.edition)}, seen ${freshness('inventory', server.at, now).words}`,
      width,
    ),
    ...server.databases.flatMap(each =>
      detail(whatBecomesOf(plan, key, server, each.name), databaseWords(each), width),
    ),
    ...detail('beside', besideWords(server), width),
    ...(server.replication ?? []).flatMap(each => detail('replicates', harmless(each), width)),
  ]);
  return lines.length === 0 ? '' : `SQL Servers\n${lines.join('\n')}\n`;
}

function whatBecomesOf(plan: Plan, key: string, { planned }: Server, database: string): string {
  if (planned.includes(database)) return 'leaves';
  const isCopy = Object.entries(plan.databases).some(
    ([name, { subscriber }]) => name === database && `${subscriber.address}:${subscriber.port}` === key,
  );
  return isCopy ? 'copy' : 'stays';
}

const databaseWords = ({
  name,
  state,
  recovery,
  dataBytes,
  sizeKnown,
}: Server['databases'][number]): string =>
  `${harmless(name)}: ${sizeKnown === false ? 'size not known' : formatBytes(dataBytes)}, ${harmless(recovery)} recovery, ${harmless(state)}`;

/** What the login could not see is said: nothing there and nothing seen are not the same. */
function besideWords({ jobs, linkedServers, logins, agentRunning }: Server): string {
  const failing = (jobs ?? []).filter(
    ({ enabled, lastOutcome }) => enabled && lastOutcome === 'failed',
  ).length;
  return [
    jobs === undefined
      ? 'jobs not seen'
      : `${counted(jobs.length, 'job')}${failing === 0 ? '' : `, ${failing} of them failing`}`,
    linkedServers === undefined ? 'linked servers not seen' : counted(linkedServers.length, 'linked server'),
    logins === undefined ? 'logins not seen' : counted(logins.sql + logins.windows, 'login'),
    ...(agentRunning === false ? ['SQL Server Agent does not run'] : []),
  ].join(', ');
}
