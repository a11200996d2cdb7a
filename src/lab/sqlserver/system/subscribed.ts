import { findTable } from '../catalog/find.ts';
import type { Database } from '../server/instance.ts';

/**
 * is_subscribed: what sp_replicationdboption has set, or a database in which a distribution agent keeps its place.
 */
export function isSubscribed({ options, store }: Database): boolean {
  if (options.subscribed || store === undefined) return options.subscribed;
  const subscriptions = findTable(store.catalog, 'dbo', 'MSreplication_subscriptions');
  return subscriptions !== undefined && store.rowCount(subscriptions) > 0;
}
