import { LandfallError } from '../foundation/errors.ts';
import { readIdentity } from './assess/identity.ts';
import type { Work } from './stage.ts';

/**
 * Before servers are assessed anew by a run: they are those of before. Two addresses that changed places, in the plan or
 * in DNS, would make production the copy; only an order to assess says that this is meant. Throws `identity.mismatch`.
 */
export async function requireSameServers(work: Work): Promise<void> {
  const { assessed } = work.state;
  if (assessed === undefined) return;
  const { publisher, subscriber } = work.servers;
  const [source, copy] = await Promise.all([
    readIdentity(publisher, work.ref.source, work.signal),
    readIdentity(subscriber, work.ref.copy, work.signal),
  ]);
  const differences = [
    ['publisher', assessed.publisher.serverId, source.serverId],
    ['subscriber', assessed.subscriber.serverId, copy.serverId],
    ...(assessed.publisher.databaseId === undefined
      ? []
      : [[`database ${work.ref.source}`, assessed.publisher.databaseId, source.databaseId ?? 'not there']]),
  ].filter(([, before, now]) => before !== now);
  if (differences.length === 0) return;
  throw new LandfallError('identity.mismatch', {
    what: `${work.name}: ${differences.map(([what]) => what).join(' and ')} of the plan is another than the one that was assessed`,
    why: 'where addresses change places, production would become the copy and be overwritten; nothing was touched',
    where: { host: publisher.label },
    evidence: differences.map(([what, before, now]) => `${what}: recorded ${before}, answered ${now}`),
    next: [
      'look at the addresses in the plan: does each reach the server that you mean?',
      `if it was replaced or restored on purpose: landfall database assess PLAN ${work.name}`,
    ],
  });
}
