import type { Transaction } from '../storage/store.ts';

export interface MarkedSubscriber {
  readonly name: string;
  readonly database: string;
}

/** Whom sp_marksubscriptionvalidation has named in a transaction, for sp_article_validation with @subscription_level. */
const marks = new WeakMap<Transaction, Map<string, readonly MarkedSubscriber[]>>();

export function markSubscriber(
  transaction: Transaction,
  publication: string,
  subscriber: MarkedSubscriber,
): void {
  const own = marks.get(transaction) ?? new Map<string, readonly MarkedSubscriber[]>();
  const key = publication.toLowerCase();
  own.set(key, [...(own.get(key) ?? []), subscriber]);
  marks.set(transaction, own);
}

export const markedSubscribers = (
  transaction: Transaction | undefined,
  publication: string,
): readonly MarkedSubscriber[] =>
  (transaction && marks.get(transaction)?.get(publication.toLowerCase())) ?? [];
