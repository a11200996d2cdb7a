import { observe, observeStatements } from '../../../../src/database/monitor/index.ts';
import type { Work } from '../../../../src/database/stage.ts';
import { systemClock } from '../../../../src/foundation/clock.ts';
import type { ReplicationSample } from '../../../../src/journal/database-facts.ts';
import type { Role } from '../../../../src/remote/sql/statement.ts';
import { serverFacts } from '../../../support/databases.ts';
import {
  PASSWORD,
  PUB_DB,
  PUBLISHER,
  SUB_DB,
  SUBSCRIBER,
  World,
} from '../../lab/sqlserver/replication/world.ts';
import { Hands } from '../hands.ts';

/** Replication that runs between doubles, a server for each role, and landfall's monitor over it. */

export const PUBLICATION = 'landfall_miami_to_dallas';

const DDL = `CREATE TABLE dbo.Items (id int NOT NULL PRIMARY KEY, name varchar(20) NOT NULL)`;
const MARKER = `EXEC (N'CREATE SCHEMA landfall'); EXEC (N'CREATE TABLE landfall.marker (id bigint NOT NULL PRIMARY KEY, at datetime2(7) NOT NULL)')`;

export class Watch implements AsyncDisposable {
  readonly world: World;
  readonly hands: Hands;
  /** One for all looks: a watch keeps its connections. */
  readonly #work: Work;
  /** The control machine's clock goes ahead by so many ms. */
  ahead = 0;

  private constructor(world: World, hands: Hands) {
    this.world = world;
    this.hands = hands;
    this.#work = hands.work(observeStatements);
  }

  static async start(plan: Readonly<Record<string, unknown>> = {}): Promise<Watch> {
    const world = await World.start({ distributor: 'own' });
    for (const side of [world.pub, world.sub]) for (const batch of [DDL, MARKER]) await side(batch);
    await world.distribute();
    await publish(world);
    await subscribe(world);
    const at = (role: Role) =>
      world.double(role === 'publisher' ? PUBLISHER : role === 'subscriber' ? SUBSCRIBER : world.distributor);
    const watched: { watch?: Watch } = {};
    const clock = { ...systemClock, now: () => systemClock.now() + (watched.watch?.ahead ?? 0) };
    const hands = new Hands({
      ...{ name: PUB_DB, password: PASSWORD, at, clock },
      plan: {
        distributor: { address: '127.0.0.1', user: 'sa', password: 'env:SA' },
        clone: { database: SUB_DB },
        ...plan,
      },
    });
    hands.tell({
      ...{ type: 'database.assessed', database: PUB_DB },
      ...{ publisher: serverFacts(PUBLISHER), subscriber: serverFacts(SUBSCRIBER) },
      distributor: serverFacts(world.distributor),
      ...{ tables: [], findings: [] },
    });
    hands.tell({ type: 'database.lane-chosen', database: PUB_DB, lane: 'clone', reason: 'test' });
    hands.tell({ type: 'database.released', database: PUB_DB, lane: 'clone', how: 'test' });
    watched.watch = new Watch(world, hands);
    return watched.watch;
  }

  /** One look, which is told, so that the next one knows it. */
  async look(): Promise<ReplicationSample> {
    const sample = await observe(this.#work);
    this.hands.tell({ type: 'database.observed', database: PUB_DB, sample });
    return sample;
  }

  /** Looks until it holds. */
  async until(holds: (sample: ReplicationSample) => boolean): Promise<ReplicationSample> {
    for (let at = 0; at < 300; at += 1) {
      const sample = await this.look();
      if (holds(sample)) return sample;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    throw new Error(`it never came: ${JSON.stringify(await this.look())}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hands[Symbol.asyncDispose]();
    await this.world[Symbol.asyncDispose]();
  }
}

async function publish(world: World): Promise<void> {
  const article = (schema: string, table: string): string =>
    `EXEC [${PUB_DB}].sys.sp_addarticle @publication = N'${PUBLICATION}', @article = N'${schema}.${table}', @source_owner = N'${schema}', @source_object = N'${table}',
  @destination_owner = N'${schema}', @destination_table = N'${table}', @type = N'logbased', @pre_creation_cmd = N'none', @schema_option = 0x0000000008037FDF,
  @status = 24, @identityrangemanagementoption = N'manual', @vertical_partition = N'false', @force_invalidate_snapshot = 1,
  @ins_cmd = N'CALL [sp_MSins_${schema}${table}]', @upd_cmd = N'SCALL [sp_MSupd_${schema}${table}]', @del_cmd = N'CALL [sp_MSdel_${schema}${table}]';`;
  await world.run(
    PUBLISHER,
    'master',
    `EXEC [${PUB_DB}].sys.sp_addpublication @publication = N'${PUBLICATION}', @sync_method = N'concurrent', @repl_freq = N'continuous',
  @status = N'active', @independent_agent = N'true', @immediate_sync = N'true', @allow_push = N'true', @allow_pull = N'true',
  @allow_anonymous = N'false', @retention = 0, @allow_initialize_from_backup = N'true', @replicate_ddl = 1;
${article('dbo', 'Items')}
${article('landfall', 'marker')}`,
  );
}

async function subscribe(world: World): Promise<void> {
  await world.run(
    PUBLISHER,
    'master',
    `EXEC [${PUB_DB}].sys.sp_addsubscription @publication = N'${PUBLICATION}', @subscriber = N'${SUBSCRIBER}', @destination_db = N'${SUB_DB}',
  @subscription_type = N'push', @article = N'all', @status = N'active', @update_mode = N'read only', @sync_type = N'replication support only';
EXEC [${PUB_DB}].sys.sp_addpushsubscription_agent @publication = N'${PUBLICATION}', @subscriber = N'${SUBSCRIBER}', @subscriber_db = N'${SUB_DB}',
  @subscriber_security_mode = 0, @subscriber_login = N'sa', @subscriber_password = N'${PASSWORD}', @frequency_type = 64;`,
  );
}

export const codes = ({ troubles }: ReplicationSample): string[] => troubles.map(({ code }) => code);
