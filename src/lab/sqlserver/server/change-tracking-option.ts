import { SqlError, unsupported } from '../errors.ts';
import type { Option } from '../syntax/administration.ts';
import type { Database } from './instance.ts';
import { innerOptions, optionText } from './option-text.ts';

const MINUTES = { MINUTES: 1, HOURS: 60, DAYS: 1440 } as const;
const TWO_DAYS = 2880;

/**
 * `SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 2 DAYS, AUTO_CLEANUP = ON)`, `= OFF`, and the settings alone.
 *
 * @throws SqlError 5088, 5089, 22115
 */
export function changeTrackingOption(database: Database, option: Option): void {
  const { options, name } = database;
  const word = optionText(option.value)?.toUpperCase();
  const failed = (number: number, text: string): SqlError =>
    new SqlError(5069, 'ALTER DATABASE statement failed.', { preceding: [new SqlError(number, text)] });
  if (word === 'OFF') {
    if (!options.changeTracking) throw failed(5089, `Change tracking is disabled for database '${name}'.`);
    for (const table of database.catalog.tables.values())
      if (table.changeTracking)
        throw failed(
          22115,
          `Change tracking is enabled for one or more tables in database '${name}'. Disable change tracking on each table before disabling it for the database. Use the sys.change_tracking_tables catalog view to obtain a list of tables for which change tracking is enabled.`,
        );
    options.changeTracking = undefined;
    return;
  }
  const settings = word === 'ON' ? innerOptions(option.value) : allOptions(option);
  if (word === 'ON' && options.changeTracking)
    throw failed(5088, `Change tracking is already enabled for database '${name}'.`);
  if (word !== 'ON' && !options.changeTracking)
    throw failed(5089, `Change tracking is disabled for database '${name}'.`);
  const before = options.changeTracking ?? { retentionMinutes: TWO_DAYS, autoCleanup: true };
  options.changeTracking = settings.reduce(withSetting, before);
}

/** `SET CHANGE_TRACKING (AUTO_CLEANUP = OFF)`. */
const allOptions = ({ value }: Option): readonly Option[] =>
  value === undefined || typeof value === 'string' || 'node' in value ? [] : value;

interface Tracking {
  readonly retentionMinutes: number;
  readonly autoCleanup: boolean;
}

function withSetting(tracking: Tracking, setting: Option): Tracking {
  const value = optionText(setting.value)?.toUpperCase() ?? '';
  if (setting.name === 'AUTO_CLEANUP') return { ...tracking, autoCleanup: value === 'ON' };
  if (setting.name !== 'CHANGE_RETENTION')
    throw unsupported(`CHANGE_TRACKING (${setting.name})`, setting.line);
  const [, amount, unit] = /^(\d+) (MINUTES|HOURS|DAYS)$/.exec(value) ?? [];
  if (amount === undefined || (unit !== 'MINUTES' && unit !== 'HOURS' && unit !== 'DAYS'))
    throw new SqlError(102, `Incorrect syntax near '${value}'.`, {
      severity: 15,
      line: setting.line,
      endsBatch: true,
    });
  return { ...tracking, retentionMinutes: Number(amount) * MINUTES[unit] };
}
