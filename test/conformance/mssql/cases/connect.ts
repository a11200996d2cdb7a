import { expect } from 'vitest';
import { type Case, does, failsWith, failure, shows, value } from '../case.ts';

export const CONNECT: readonly Case[] = [
  does('connect/plain', 'a session without TLS says so, or the server insists on TLS', async client => {
    const option = await value(
      client,
      `SELECT encrypt_option FROM sys.dm_exec_connections WHERE session_id = @@SPID`,
    );
    expect(['TRUE', 'FALSE']).toContain(option);
  }),
  does('connect/tls', 'TLS inside TDS', async client => {
    const other = await client.another({ encrypt: true, trust: true });
    const option = `SELECT encrypt_option FROM sys.dm_exec_connections WHERE session_id = @@SPID`;
    expect(await value(other, option)).toBe('TRUE');
  }),
  does('connect/tls-untrusted', 'a certificate that nobody trusts ends the connection', async client => {
    if (client.server.real) return;
    const failed = await failure(client.another({ encrypt: true, trust: false }));
    expect(failed.code).toBe('ESOCKET');
    expect(failed.message).toMatch(/certificate/i);
  }),
  does('connect/wrong-password', 'a wrong password is 18456 and tells no more', async client => {
    const failed = await failure(client.another({ password: 'not the password' }));
    expect(failed.code).toBe('ELOGIN');
    expect(failed.message).toMatch(/^Login failed for user '.+'\.$/);
    if (client.driver === 'tedious')
      expect(failed.last).toMatchObject({ number: 18456, state: 1, severity: 14 });
  }),
  does('connect/unknown-login', 'an unknown login is answered as a wrong password is', async client => {
    const failed = await failure(client.another({ user: 'landfall_nobody', password: 'x' }));
    expect(failed.message).toBe("Login failed for user 'landfall_nobody'.");
    if (client.driver === 'tedious')
      expect(failed.last).toMatchObject({ number: 18456, state: 1, severity: 14 });
  }),
  does(
    'connect/unknown-database',
    'an unknown database is 4060, and the login fails with it',
    async client => {
      const failed = await failure(client.another({ database: 'landfall_no_such_database' }));
      if (client.driver === 'tedious') {
        expect(failed.errors.map(each => each.number)).toEqual([4060, 18456]);
        expect(failed.errors[0]?.message).toBe(
          'Cannot open database "landfall_no_such_database" requested by the login. The login failed.',
        );
        expect(failed.errors[0]?.severity).toBe(11);
      }
      expect(failed.message).toMatch(/The login failed\.|Login failed for user/);
    },
  ),
  does('connect/default-database', 'no database means the default one of the login', async client => {
    const other = await client.another({ database: '' });
    expect(await value(other, 'SELECT DB_NAME()')).toBeTypeOf('string');
  }),
  does('connect/application', 'the session knows its application and host', async client => {
    const other = await client.another({ application: 'landfall case' });
    expect(await value(other, 'SELECT APP_NAME()')).toBe('landfall case');
    expect(
      await value(other, 'SELECT program_name FROM sys.dm_exec_sessions WHERE session_id = @@SPID'),
    ).toBe('landfall case');
  }),
  shows(
    'connect/options',
    'the driver sets the options that indexed views and filtered indexes need',
    `SELECT SESSIONPROPERTY('ANSI_NULLS'), SESSIONPROPERTY('ANSI_PADDING'), SESSIONPROPERTY('ANSI_WARNINGS'),
       SESSIONPROPERTY('ARITHABORT'), SESSIONPROPERTY('CONCAT_NULL_YIELDS_NULL'),
       SESSIONPROPERTY('QUOTED_IDENTIFIER'), SESSIONPROPERTY('NUMERIC_ROUNDABORT')`,
    [[1, 1, 1, 1, 1, 1, 0]],
  ),
  shows('connect/datefirst', 'the driver sets DATEFIRST 7 and us_english', 'SELECT @@DATEFIRST, @@LANGUAGE', [
    [7, 'us_english'],
  ]),
  does('connect/spid', 'two sessions have two numbers', async client => {
    const other = await client.another();
    expect(await value(client, 'SELECT CAST(@@SPID AS int)')).not.toBe(
      await value(other, 'SELECT CAST(@@SPID AS int)'),
    );
  }),
  does('connect/use', 'USE in a batch stays with the session', async client => {
    await client.batch('USE tempdb');
    expect(await value(client, 'SELECT DB_NAME()')).toBe('tempdb');
    await client.batch(`USE [${client.database}]`);
  }),
  does('connect/use-scope', 'USE inside sp_executesql ends with it', async client => {
    const { sets } = await client.query('USE tempdb; SELECT DB_NAME()');
    expect(sets[0]?.rows).toEqual([['tempdb']]);
    expect(await value(client, 'SELECT DB_NAME()')).toBe(client.database);
  }),
  does('connect/use-message', 'USE tells the new database by 5701', async client => {
    const { messages } = await client.batch('USE tempdb');
    expect(messages).toMatchObject([
      { number: 5701, severity: 0, message: "Changed database context to 'tempdb'." },
    ]);
    await client.batch(`USE [${client.database}]`);
  }),
  does('connect/use-unknown', 'USE of an unknown database is 911', async client => {
    await failsWith(client.batch('USE landfall_no_such_database'), {
      number: 911,
      severity: 16,
      message:
        "Database 'landfall_no_such_database' does not exist. Make sure that the name is entered correctly.",
    });
  }),
];
