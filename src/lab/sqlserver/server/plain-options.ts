import { unsupported } from '../errors.ts';
import type { Option } from '../syntax/administration.ts';
import { optionText } from './option-text.ts';

/** Options of a database that are kept and reported, and change nothing the double does. */
export const PLAIN_OPTIONS: ReadonlySet<string> = new Set([
  'ANSI_NULL_DEFAULT',
  'ANSI_NULLS',
  'ANSI_PADDING',
  'ANSI_WARNINGS',
  'ARITHABORT',
  'AUTO_CLOSE',
  'AUTO_SHRINK',
  'AUTO_CREATE_STATISTICS',
  'AUTO_UPDATE_STATISTICS',
  'AUTO_UPDATE_STATISTICS_ASYNC',
  'CONCAT_NULL_YIELDS_NULL',
  'CURSOR_CLOSE_ON_COMMIT',
  'CURSOR_DEFAULT',
  'DATE_CORRELATION_OPTIMIZATION',
  'DB_CHAINING',
  'DELAYED_DURABILITY',
  'HONOR_BROKER_PRIORITY',
  'MIXED_PAGE_ALLOCATION',
  'NUMERIC_ROUNDABORT',
  'PAGE_VERIFY',
  'PARAMETERIZATION',
  'QUERY_STORE',
  'QUOTED_IDENTIFIER',
  'RECURSIVE_TRIGGERS',
  'TARGET_RECOVERY_TIME',
  'ACCELERATED_DATABASE_RECOVERY',
]);

/** What is kept of one: TARGET_RECOVERY_TIME in seconds, all others as the word that was written. */
export function plainOption(option: Option): string | number {
  const value = optionText(option.value)?.toUpperCase();
  // These would change what statements do.
  if (option.name === 'RECURSIVE_TRIGGERS' && value === 'ON')
    throw unsupported('RECURSIVE_TRIGGERS ON', option.line);
  if (option.name !== 'TARGET_RECOVERY_TIME') return value ?? 'ON';
  const amount = Number.parseInt(value ?? '0', 10);
  return value?.endsWith('MINUTES') ? amount * 60 : amount;
}
