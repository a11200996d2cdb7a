import { describe, expect, it } from 'vitest';
import { lookAtServer } from '../../../src/database/survey/look.ts';
import { sqlServerSurvey } from '../../../src/journal/facts-site.ts';
import { connectSqlServer } from '../../../src/remote/sql/connect.ts';
import { SA_PASSWORD, startDouble } from '../../support/sql-double.ts';
import { realServer } from './target.ts';

/**
 * The survey of the inventory against the real server that LANDFALL_MSSQL_HOST names, and otherwise against a double: it
 * only reads, and every one of its statements has to be understood.
 */
const real = realServer(process.env);

describe('the survey of a SQL Server', () => {
  it('is answered whole, or says which right is missing', async () => {
    await using double = real === undefined ? await startDouble({ databases: ['app'] }) : undefined;
    const server = connectSqlServer(
      {
        role: 'publisher',
        label: 'the server',
        address: real?.host ?? '127.0.0.1',
        port: real?.port ?? double?.port ?? 1433,
        user: real?.user ?? 'sa',
        password: real?.password ?? SA_PASSWORD,
        encrypt: real?.encrypt === true ? 'required' : 'off',
        trustCertificate: real?.trust ?? false,
      },
      { secret: reference => reference },
    );
    try {
      const names = (await lookAtServer(server, [], new AbortController().signal)).databases
        .filter(({ state, features }) => state === 'ONLINE' && !features.includes('distribution database'))
        .map(({ name }) => name)
        .slice(0, 5);
      const survey = await lookAtServer(server, names, new AbortController().signal);
      expect(sqlServerSurvey.parse(survey)).toEqual(survey);
      expect(survey.gaps.filter(({ why }) => why === 'unreadable')).toEqual([]);
      for (const { grant } of survey.missingRights) expect(grant).toMatch(/\bGRANT\b/);
      const opened = survey.databases.filter(({ tables }) => tables !== undefined);
      if (survey.missingRights.length === 0) expect(opened.map(({ name }) => name)).toEqual(names);
    } finally {
      await server.close();
    }
  });
});
