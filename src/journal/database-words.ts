/** Words of the journal that others list: no schema here, so that whoever only lists them loads none. */
import type { BesidesItem } from './database-facts.ts';

export const LANES = ['backup', 'clone', 'snapshot', 'log-shipping', 'change-tracking'] as const;

/** What an engineer may order for a database. */
export const DATABASE_ORDERS = [
  'assess',
  'plan',
  'seed',
  'reconcile',
  'replicate',
  'validate',
  'besides',
  'handover',
  'thaw',
  'teardown',
] as const;

/** What somebody still has to do something about. */
export const isOpenItem = ({ status }: Pick<BesidesItem, 'status'>): boolean =>
  status !== 'same' && status !== 'held';
