import { describe, expect, it } from 'vitest';
import { type ArticleOptions, World } from './world.ts';

const ITEMS = 'CREATE TABLE dbo.Items (id int NOT NULL PRIMARY KEY, name varchar(20) NOT NULL)';

/** The distribution agent has failed: what it wrote. */
async function failed(world: World): Promise<{ readonly error: unknown; readonly history: unknown }> {
  await world.until(
    async () =>
      (await world.dist('SELECT 1 AS n FROM dbo.MSdistribution_history WHERE runstatus = 6')).length > 0,
  );
  const [error] = await world.dist(
    'SELECT TOP (1) error_code, error_text, command_id, CASE WHEN xact_seqno IS NULL THEN 0 ELSE 1 END AS placed FROM dbo.MSrepl_errors ORDER BY id DESC',
  );
  const [history] = await world.dist(
    'SELECT TOP (1) h.runstatus, h.comments, (SELECT e.error_code FROM dbo.MSrepl_errors AS e WHERE e.id = h.error_id) AS code FROM dbo.MSdistribution_history AS h ORDER BY h.timestamp DESC',
  );
  return { error, history };
}

async function restart(world: World): Promise<void> {
  const [job] = await world.dist("SELECT name FROM dbo.MSdistribution_agents WHERE subscriber_db = N'SubDB'");
  await world.run(world.distributor, 'msdb', `EXEC dbo.sp_stop_job @job_name = N'${job?.['name']}'`);
  await world.run(world.distributor, 'msdb', `EXEC dbo.sp_start_job @job_name = N'${job?.['name']}'`);
}

async function world(ddl: string, tables: readonly string[], article: ArticleOptions = {}): Promise<World> {
  const made = await World.start();
  made.strict = false;
  await made.replicate(ddl, tables, article);
  await made.drain();
  return made;
}

const NOT_FOUND =
  "The row was not found at the Subscriber when applying the replicated UPDATE command for Table '[dbo].[Items]' with Primary Key(s): [id] = 2";

describe('what a subscriber refuses', () => {
  it('20598: the row is not there', async () => {
    await using lab = await world(ITEMS, ['Items']);
    await lab.pub("INSERT dbo.Items VALUES (1, 'a'), (2, 'b')");
    await lab.drain();
    await lab.sub('DELETE dbo.Items WHERE id = 2');
    await lab.pub("UPDATE dbo.Items SET name = 'c'");
    const { error, history } = await failed(lab);
    expect(error).toMatchObject({
      error_code: '20598',
      error_text: NOT_FOUND,
      command_id: 2,
      placed: 1,
    });
    expect(history).toMatchObject({ runstatus: 6, code: '20598' });
    // Nothing of the transaction is there: both commands were one transaction.
    expect(await lab.sub('SELECT id, name FROM dbo.Items')).toEqual([{ id: 1, name: 'a' }]);
    // Repaired by hand, the agent goes on where it stood.
    await lab.sub("INSERT dbo.Items VALUES (2, 'b')");
    await restart(lab);
    await lab.drain();
    expect(await lab.rows('sub', 'Items')).toEqual(await lab.rows('pub', 'Items'));
  });

  it('20598: a delete finds nothing either', async () => {
    await using lab = await world(ITEMS, ['Items']);
    await lab.pub("INSERT dbo.Items VALUES (1, 'a')");
    await lab.drain();
    await lab.sub('DELETE dbo.Items');
    await lab.pub('DELETE dbo.Items');
    expect((await failed(lab)).error).toMatchObject({ error_code: '20598', command_id: 1 });
  });

  it('2627: the key is there', async () => {
    await using lab = await world(ITEMS, ['Items']);
    await lab.sub("INSERT dbo.Items VALUES (1, 'own')");
    await lab.pub("INSERT dbo.Items VALUES (1, 'a')");
    expect((await failed(lab)).error).toMatchObject({
      error_code: '2627',
      error_text: expect.stringMatching(
        /^Violation of PRIMARY KEY constraint .* Cannot insert duplicate key in object 'dbo\.Items'/,
      ),
    });
  });

  it('547: a foreign key of the subscriber holds, one that is NOT FOR REPLICATION does not', async () => {
    await using lab = await world(ITEMS, ['Items']);
    await lab.sub(`CREATE TABLE dbo.Names (name varchar(20) NOT NULL PRIMARY KEY);
ALTER TABLE dbo.Items ADD CONSTRAINT FK_free FOREIGN KEY (name) REFERENCES dbo.Names (name) NOT FOR REPLICATION`);
    await lab.pub("INSERT dbo.Items VALUES (1, 'a')");
    await lab.drain();
    await lab.sub(
      'ALTER TABLE dbo.Items WITH NOCHECK ADD CONSTRAINT FK_strict FOREIGN KEY (name) REFERENCES dbo.Names (name)',
    );
    await lab.pub("INSERT dbo.Items VALUES (2, 'b')");
    expect((await failed(lab)).error).toMatchObject({
      error_code: '547',
      error_text: expect.stringContaining('FK_strict'),
    });
  });

  it('544: identity values need a column that is NOT FOR REPLICATION; the seed stays', async () => {
    await using lab = await world(
      'CREATE TABLE dbo.Counted (id int IDENTITY(5,5) NOT NULL PRIMARY KEY, name varchar(20) NULL)',
      ['Counted'],
      { identity: 'none' },
    );
    await lab.pub("INSERT dbo.Counted (name) VALUES ('a'), ('b')");
    expect((await failed(lab)).error).toMatchObject({
      error_code: '544',
      error_text:
        "Cannot insert explicit value for identity column in table 'Counted' when IDENTITY_INSERT is set to OFF.",
    });
    await lab.sub(
      "DECLARE @id int = OBJECT_ID(N'dbo.Counted'); EXEC sys.sp_identitycolumnforreplication @object_id = @id, @value = 1",
    );
    await restart(lab);
    await lab.drain();
    expect(await lab.rows('sub', 'Counted')).toEqual(await lab.rows('pub', 'Counted'));
    expect(
      await lab.sub(
        "SELECT CONVERT(varchar(10), last_value) AS v FROM sys.identity_columns WHERE object_id = OBJECT_ID(N'dbo.Counted')",
      ),
    ).toEqual([{ v: null }]);
  });

  it('triggers and checks of the subscriber hold unless they are NOT FOR REPLICATION', async () => {
    await using lab = await world(ITEMS, ['Items']);
    await lab.sub(
      "CREATE TABLE dbo.Fired (name varchar(20) NOT NULL); ALTER TABLE dbo.Items ADD CONSTRAINT CK_free CHECK NOT FOR REPLICATION (name <> 'free')",
    );
    await lab.sub(
      "CREATE TRIGGER dbo.fires ON dbo.Items AFTER INSERT AS INSERT dbo.Fired SELECT 'fires ' + name FROM inserted",
    );
    await lab.sub(
      "CREATE TRIGGER dbo.rests ON dbo.Items AFTER INSERT NOT FOR REPLICATION AS INSERT dbo.Fired SELECT 'rests ' + name FROM inserted",
    );
    await lab.pub("INSERT dbo.Items VALUES (1, 'free')");
    await lab.drain();
    await lab.sub("INSERT dbo.Items VALUES (100, 'own')");
    expect(await lab.sub('SELECT name FROM dbo.Fired ORDER BY name')).toEqual([
      { name: 'fires free' },
      { name: 'fires own' },
      { name: 'rests own' },
    ]);
  });

  it('2812: the procedures are not there', async () => {
    await using lab = await world(ITEMS, ['Items']);
    await lab.sub('DROP PROCEDURE dbo.sp_MSins_dboItems');
    await lab.pub("INSERT dbo.Items VALUES (1, 'a')");
    expect((await failed(lab)).error).toMatchObject({
      error_code: '2812',
      error_text: "Could not find stored procedure 'sp_MSins_dboItems'.",
    });
  });

  it('the profile that continues on consistency errors passes over the command, not over its transaction', async () => {
    await using lab = await world(ITEMS, ['Items']);
    await lab.dist(
      'DECLARE @id int = (SELECT id FROM dbo.MSdistribution_agents); EXEC sys.sp_update_agent_profile @agent_type = 3, @agent_id = @id, @profile_id = 14',
    );
    await restart(lab);
    await lab.sub("INSERT dbo.Items VALUES (2, 'own')");
    await lab.pub(
      "INSERT dbo.Items VALUES (1, 'a'), (2, 'b'), (3, 'c'); UPDATE dbo.Items SET name += '!' WHERE id = 3",
    );
    await lab.drain();
    expect(await lab.sub('SELECT id, name FROM dbo.Items ORDER BY id')).toEqual([
      { id: 1, name: 'a' },
      { id: 2, name: 'own' },
      { id: 3, name: 'c!' },
    ]);
    expect(
      await lab.dist("SELECT error_code, command_id FROM dbo.MSrepl_errors WHERE error_code = N'2627'"),
    ).toEqual([{ error_code: '2627', command_id: 2 }]);
    expect(await lab.dist('SELECT runstatus FROM dbo.MSdistribution_history WHERE runstatus = 6')).toEqual(
      [],
    );
    // 547 is none of its errors.
    await lab.sub('ALTER TABLE dbo.Items WITH NOCHECK ADD CONSTRAINT CK_short CHECK (LEN(name) < 4)');
    await lab.pub("INSERT dbo.Items VALUES (4, 'much too long')");
    expect((await failed(lab)).error).toMatchObject({ error_code: '547' });
  });

  it('a step that failed is in the history of its job and tried again', async () => {
    await using lab = await world(ITEMS, ['Items']);
    await lab.sub("INSERT dbo.Items VALUES (1, 'own')");
    await lab.pub("INSERT dbo.Items VALUES (1, 'a')");
    await failed(lab);
    const asked = () =>
      lab.run(
        lab.distributor,
        'msdb',
        "SELECT h.run_status FROM dbo.sysjobhistory AS h JOIN dbo.sysjobs AS j ON j.job_id = h.job_id JOIN dbo.syscategories AS c ON c.category_id = j.category_id WHERE c.name = N'REPL-Distribution' AND h.step_id = 1",
      );
    await lab.until(async () => (await asked()).some(row => row['run_status'] === 2));
  });
});
