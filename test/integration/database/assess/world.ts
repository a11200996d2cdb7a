import { refOf } from '../../../../src/database/names.ts';
import type { Work } from '../../../../src/database/stage.ts';
import { systemClock } from '../../../../src/foundation/clock.ts';
import type { EventBody } from '../../../../src/journal/events.ts';
import type { DatabaseState } from '../../../../src/journal/state.ts';
import type { DatabasePlan, PlanInput } from '../../../../src/plan/schema.ts';
import { connectSqlServer } from '../../../../src/remote/sql/connect.ts';
import type { SqlServer } from '../../../../src/remote/sql/server.ts';
import type { Role } from '../../../../src/remote/sql/statement.ts';
import { planOf } from '../../../support/state.ts';

/** A stage's hands on doubles: what it emits is kept, and told back to it. */

export const PASSWORD = 'Correct horse 1';

export interface Place {
  readonly port: number;
  readonly user?: string;
  readonly password?: string;
}

export const serverAt = (role: Role, { port, user = 'sa', password = PASSWORD }: Place): SqlServer =>
  connectSqlServer(
    {
      ...{ role, port, user, password },
      label: `${role} 127.0.0.1`,
      address: '127.0.0.1',
      encrypt: 'off',
      trustCertificate: false,
    },
    { secret: reference => reference },
  );

type DatabaseInput = NonNullable<PlanInput['databases']>[string];

export function databasePlan(name: string, more: Partial<DatabaseInput> = {}): DatabasePlan {
  const address = { address: '127.0.0.1', user: 'sa', password: 'env:PW' };
  const plan = planOf({
    databases: { [name]: { tier: 'critical', publisher: address, subscriber: address, ...more } },
  });
  const found = plan.databases[name];
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

export interface Told extends AsyncDisposable {
  readonly work: Work;
  readonly events: EventBody[];
  readonly kept: Map<string, string>;
}

export interface WorldOptions {
  readonly name: string;
  readonly plan: DatabasePlan;
  readonly publisher: Place;
  readonly subscriber: Place;
  readonly hoursLeft?: number;
  readonly state?: Partial<DatabaseState>;
}

export function workOn(options: WorldOptions): Told {
  const { name, plan } = options;
  const events: EventBody[] = [];
  const kept = new Map<string, string>();
  const publisher = serverAt('publisher', options.publisher);
  const subscriber = serverAt('subscriber', options.subscriber);
  const now = systemClock.now();
  const stateNow = (): DatabaseState => {
    let state: DatabaseState = { name, ordered: {}, ...options.state };
    for (const event of events) {
      if (event.type === 'database.assessed') state = { ...state, assessed: { ...event, at: now } };
      if (event.type === 'database.planned') state = { ...state, planned: { ...event, at: now } };
      if (event.type === 'database.lane-chosen')
        state = { ...state, lane: { lane: event.lane, reason: event.reason, at: now, by: 'engine' } };
    }
    return state;
  };
  const work: Work = {
    name,
    plan,
    get state() {
      return stateNow();
    },
    get ref() {
      return refOf(name, plan, stateNow(), 'miami-to-dallas');
    },
    ...(options.hoursLeft === undefined
      ? {}
      : {
          deadline: {
            earliest: now + options.hoursLeft * 3_600_000,
            expected: now + options.hoursLeft * 3_600_000,
          },
        }),
    servers: { publisher, subscriber, distributor: subscriber },
    clock: systemClock,
    random: { next: () => 0.5, bytes: count => new Uint8Array(count).fill(7) },
    signal: new AbortController().signal,
    emit: async event => void events.push(event),
    sample: () => undefined,
    keep: async (key, content) => void kept.set(key, content),
  };
  return {
    work,
    events,
    kept,
    async [Symbol.asyncDispose]() {
      await publisher.close();
      await subscriber.close();
    },
  };
}
