import { literal } from '../../remote/sql/quote.ts';
import type { DatabaseRef } from '../names.ts';
import { inDistribution, publisherId } from './phrases.ts';

/** Finding landfall's own distribution agent: by publisher, publication and copy, never by a name alone. */

/** Where `@publisher` is declared and `a` is MSdistribution_agents. */
export const agentJob = ({ source, publication, copy }: DatabaseRef): string =>
  `a.publisher_id = @publisher AND a.publisher_db = ${literal(source)} AND a.publication = ${literal(publication)} AND a.subscriber_db = ${literal(copy)}`;

/** Declares `@agent`, its number, and `@job`, the job that it runs as. */
export const agentDeclared = (ref: DatabaseRef): string =>
  `${publisherId(inDistribution(ref, 'MSreplservers'), ref.publisher).replaceAll(/^ {2}/gm, '')}DECLARE @agent int, @job uniqueidentifier;
SELECT @agent = a.id, @job = CONVERT(uniqueidentifier, a.job_id) FROM ${inDistribution(ref, 'MSdistribution_agents')} AS a
  WHERE ${agentJob(ref)};`;

/** A condition: the job runs, as SQL Server Agent of now says. */
export const isRunning = (job: string): string =>
  `EXISTS (SELECT 1 FROM msdb.dbo.sysjobactivity AS v WHERE v.job_id = ${job} AND v.session_id = (SELECT MAX(session_id) FROM msdb.dbo.syssessions)
  AND v.start_execution_date IS NOT NULL AND v.stop_execution_date IS NULL)`;
