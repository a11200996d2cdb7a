import { formatBytes } from '../../../foundation/units.ts';
import type { DatabasePlan } from '../../../plan/schema.ts';
import { own } from '../../../readiness/copy.ts';
import { type Around, ageOf } from './around.ts';
import type { OwnPart } from './entry.ts';

export function databaseEntry(
  { view: { plan, state }, now }: Around,
  name: string,
  wanted: DatabasePlan,
): OwnPart {
  const at = ({ address, port }: DatabasePlan['publisher']): string => `${address}:${port}`;
  const server = own(state.servers ?? {}, at(wanted.publisher));
  const seen = server?.databases.find(each => each.name === name);
  const jobs = (server?.jobs ?? []).filter(({ enabled }) => enabled);
  return {
    kind: 'database',
    role: 'SQL Server database',
    hostnames: server === undefined ? [wanted.publisher.address] : [server.name],
    ...(server === undefined ? {} : { system: `SQL Server ${server.version}, ${server.edition}` }),
    subnets: [],
    addressesBefore: [at(wanted.publisher)],
    addressesAfter: [at(wanted.subscriber)],
    actsTwice: jobs.map(job => `${job.name} (SQL Server Agent job)`),
    certificates: [],
    dataServices:
      seen === undefined
        ? []
        : [
            `${seen.recovery} recovery, ${seen.sizeKnown === false ? 'its size is not known' : `${formatBytes(seen.dataBytes)} of data, ${formatBytes(seen.logBytes)} of log`}`,
            ...seen.features,
          ],
    checks: [`landfall database validate ${plan.name} ${name}`],
    ...ageOf(server?.at, now),
  };
}
