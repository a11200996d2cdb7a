import type { DatabaseState } from '../journal/state.ts';
import type { DatabasePlan } from '../plan/schema.ts';
import type { Role } from '../remote/sql/statement.ts';

/** Whom and what the statements about one database name. Before the assessment, names of servers are placeholders in ‹›. */
export interface DatabaseRef {
  /** On the publisher. */
  readonly source: string;
  /** On the subscriber: the clone in the lanes that begin with it, otherwise the name that the plan gives the copy. */
  readonly copy: string;
  readonly publication: string;
  /** A database snapshot of the source, made and dropped by landfall. */
  readonly snapshot: string;
  readonly distribution: string;
  /** @@SERVERNAME of each: replication takes no other name. */
  readonly publisher: string;
  readonly distributor: string;
  readonly subscriber: string;
  /** Which of the servers distributes; `distributor` only where the plan has a third one. */
  readonly distributorAt: Role;
  /** Words that no other evacuation uses, in the names of what landfall makes: `miami_to_dallas`. */
  readonly mark: string;
}

/** Lanes that turn the development clone into the copy. */
const FROM_CLONE: ReadonlySet<string> = new Set(['clone', 'snapshot', 'change-tracking']);

export function refOf(
  name: string,
  plan: DatabasePlan,
  state: DatabaseState | undefined,
  evacuation: string,
): DatabaseRef {
  const mark = evacuation.replaceAll('-', '_');
  const facts = state?.assessed;
  const lane = state?.lane?.lane ?? (plan.lane === 'auto' ? undefined : plan.lane);
  const fromClone = plan.clone !== undefined && (lane === undefined || FROM_CLONE.has(lane));
  const placement = plan.distributor === undefined ? placementOf(plan, state) : 'distributor';
  return {
    source: name,
    copy: fromClone && plan.clone !== undefined ? plan.clone.database : (plan.subscriber.database ?? name),
    publication: `landfall_${mark}`.slice(0, 100),
    snapshot: `${name}_landfall_${mark}`.slice(0, 120),
    distribution: 'distribution',
    publisher: facts?.publisher.name ?? '‹name of the publisher›',
    distributor: facts?.distributor.name ?? '‹name of the distributor›',
    subscriber: facts?.subscriber.name ?? '‹name of the subscriber›',
    distributorAt: placement,
    mark,
  };
}

/** At the subscriber where its version allows: what the log reader has shipped survives the source then. */
function placementOf(plan: DatabasePlan, state: DatabaseState | undefined): 'publisher' | 'subscriber' {
  if (plan.distributor_at !== 'auto') return plan.distributor_at;
  const facts = state?.assessed;
  if (facts === undefined) return 'subscriber';
  const canDistribute = facts.subscriber.distributes && facts.subscriber.major >= facts.publisher.major;
  return canDistribute ? 'subscriber' : 'publisher';
}
