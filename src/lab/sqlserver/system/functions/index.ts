import type { ScalarFunction } from '../../functions/function.ts';
import { COLUMN_FUNCTIONS } from './columns.ts';
import { DATABASE_FUNCTIONS } from './databases.ts';
import { FORMAT_MESSAGE } from './format-message.ts';
import { LOCK_FUNCTIONS } from './locks.ts';
import { OBJECT_FUNCTIONS } from './objects.ts';
import { SECURITY_FUNCTIONS } from './security.ts';
import { TRACKING_FUNCTIONS } from './tracking.ts';

/** Functions about metadata, principals and the server. */
export const FUNCTIONS: readonly ScalarFunction[] = [
  ...OBJECT_FUNCTIONS,
  ...COLUMN_FUNCTIONS,
  ...DATABASE_FUNCTIONS,
  ...SECURITY_FUNCTIONS,
  ...TRACKING_FUNCTIONS,
  ...LOCK_FUNCTIONS,
  FORMAT_MESSAGE,
];
