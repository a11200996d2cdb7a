import type { DatabasePlan } from '../../plan/schema.ts';
import { formatArgv } from '../../remote/quote.ts';

/**
 * Commands with which a DBA can look without landfall. They ask for the password themselves; they are shown, never run.
 */

interface Asked {
  readonly name: string;
  readonly wanted: DatabasePlan;
}

export const atPublisher = ({ name, wanted }: Asked, query: string): string =>
  sqlcmd(wanted.publisher, name, query);

export const atSubscriber = ({ name, wanted }: Asked, query: string): string =>
  sqlcmd(wanted.subscriber, wanted.clone?.database ?? wanted.subscriber.database ?? name, query);

function sqlcmd(server: DatabasePlan['publisher'], database: string, query: string): string {
  const { address, port, user, trust_certificate } = server;
  return formatArgv([
    ...['sqlcmd', '-S', `tcp:${address},${port}`, '-U', user, '-d', database],
    ...(trust_certificate ? ['-C'] : []),
    ...['-Q', query],
  ]);
}
