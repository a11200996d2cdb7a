import { LandfallError } from '../../foundation/errors.ts';
import type { Work } from '../stage.ts';
import type { Survey } from './survey.ts';
import { surveyDatabase } from './survey-database.ts';
import { surveyServer } from './survey-server.ts';

/** Asks every server of the database everything; writes nothing. */
export async function surveyOf(work: Work): Promise<Survey> {
  const { servers, plan, ref, signal, name, state, clock } = work;
  const target = plan.subscriber.database ?? name;
  const cloneName = plan.clone?.database;
  const publisher = await surveyServer(servers.publisher, signal);
  const subscriber = await surveyServer(servers.subscriber, signal);
  const distributorAt =
    plan.distributor === undefined ? placementOf(work, publisher, subscriber) : 'distributor';
  const distributor =
    distributorAt === 'distributor'
      ? await surveyServer(servers.distributor, signal)
      : distributorAt === 'subscriber'
        ? subscriber
        : publisher;
  const source = await surveyDatabase(servers.publisher, name, signal);
  if (source === undefined)
    throw new LandfallError('database.blocked', {
      what: `the ${servers.publisher.label} has no database ${name}`,
      where: { host: servers.publisher.label },
      next: [
        'write the name as the publisher has it: the key under databases: in the plan',
        'look: SELECT name FROM sys.databases',
      ],
    });
  const clone =
    cloneName === undefined ? undefined : await surveyDatabase(servers.subscriber, cloneName, signal);
  const existing = target === cloneName ? clone : await surveyDatabase(servers.subscriber, target, signal);
  return {
    publisher,
    distributor,
    subscriber,
    distributorAt,
    source,
    ...(clone === undefined ? {} : { clone }),
    ...(existing === undefined ? {} : { target: existing }),
    names: {
      source: name,
      target,
      publication: ref.publication,
      distribution: ref.distribution,
      ...(cloneName === undefined ? {} : { clone: cloneName }),
    },
    plan,
    begun: state.captured !== undefined || state.pinned !== undefined || state.released !== undefined,
    ...(work.deadline === undefined ? {} : { hoursLeft: (work.deadline.expected - clock.now()) / 3_600_000 }),
  };
}

type Surveyed = Survey['publisher'];

/** As DatabaseRef places it, from what has just been asked rather than from what the journal remembers. */
function placementOf({ plan }: Work, publisher: Surveyed, subscriber: Surveyed): 'publisher' | 'subscriber' {
  if (plan.distributor_at !== 'auto') return plan.distributor_at;
  return subscriber.facts.distributes && subscriber.facts.major >= publisher.facts.major
    ? 'subscriber'
    : 'publisher';
}
