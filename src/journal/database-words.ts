/** Words of the journal that others list: no schema here, so that whoever only lists them loads none. */

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
