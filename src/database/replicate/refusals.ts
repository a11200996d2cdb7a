import { LandfallError } from '../../foundation/errors.ts';
import type { Scene } from '../stage.ts';

/** What closes native replication before any server is written to. */

/** Hours that undelivered commands are kept at least; a week also covers a weekend with nobody at the keyboard. */
const LEAST_HOURS = 168;
/** Hours beyond the loss of the source: what was read is delivered afterwards where the distributor survives. */
const BEYOND_HOURS = 48;

/**
 * Hours that the distributor has to keep commands: until the source is lost, and two days more. Counted from the
 * assessment, so that the script reads the same at every look.
 */
export function retentionHours({ deadline, state }: Pick<Scene, 'deadline' | 'state'>): number {
  if (deadline === undefined || state.assessed === undefined) return LEAST_HOURS;
  const left = Math.ceil((deadline.expected - state.assessed.at) / 3_600_000);
  return Math.max(LEAST_HOURS, left + BEYOND_HOURS);
}

/** @throws LandfallError database.blocked where the servers cannot do it, database.agent where nobody would */
export function refuseWhereClosed({ name, state, ref, plan }: Scene): void {
  const facts = state.assessed;
  if (facts === undefined) return;
  const blocked = (what: string, next: readonly string[]): LandfallError =>
    new LandfallError('database.blocked', {
      what,
      why: 'without a publication no change of production reaches the copy by replication',
      where: { host: ref.publisher },
      next,
    });
  const otherwise =
    'take another lane: change-tracking works on every edition, log-shipping on every one with a full recovery model';
  if (!facts.publisher.publishes)
    throw blocked(`${facts.publisher.edition} of ${ref.publisher} cannot publish ${name}`, [otherwise]);
  if (!facts.distributor.distributes)
    throw blocked(`${facts.distributor.edition} of ${ref.distributor} cannot distribute`, [
      `distributor_at: ${ref.distributorAt === 'subscriber' ? 'publisher' : 'subscriber'} in the plan, or a third server as distributor`,
      otherwise,
    ]);
  if (facts.distributor.major < facts.publisher.major)
    throw blocked(
      `${ref.distributor} (${facts.distributor.version}) is older than ${ref.publisher} (${facts.publisher.version}): it cannot distribute for it`,
      ['distributor_at: publisher in the plan', otherwise],
    );
  if (facts.distributor.platform === 'Linux' && plan.agents === undefined)
    throw blocked(`agents on ${ref.distributor} (Linux) need a SQL login, and the plan names none`, [
      'agents: { user: NAME, password: env:NAME } in the plan, with a login of that name on all servers',
    ]);
  if (facts.distributor.agentRunning === false)
    throw new LandfallError('database.agent', {
      what: `SQL Server Agent does not run on ${ref.distributor}`,
      why: 'log reader and distribution agent are jobs of it: nothing would be read, and the log of production would grow',
      where: { host: ref.distributor },
      next: ['start the service SQL Server Agent there, and let it start with the server'],
    });
}
