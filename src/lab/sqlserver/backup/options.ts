import { SqlError, unsupported } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { Device, Option } from '../syntax/administration.ts';
import { nameOf } from '../system/statement-values.ts';
import { deviceFile } from './device.ts';

/** A device as it was named, and the file it is here. */
export interface DeviceFile {
  readonly device: string;
  readonly file: string;
}

/** @throws SqlError 3011-like for kinds the double does not write, 3231 for too many */
export function deviceFiles(
  execution: Execution,
  devices: readonly Device[],
  line: number,
): readonly DeviceFile[] {
  if (devices.length > 64)
    throw new SqlError(
      3205,
      'Too many backup devices specified for backup or restore; only 64 are allowed.',
      { line },
    );
  return devices.map(({ kind, path }) => {
    if (kind !== 'disk') throw unsupported(`backup devices of the kind ${kind.toUpperCase()}`, line);
    const device = typeof path === 'string' ? path : (nameOf(execution, path) ?? '');
    return { device, file: deviceFile(execution.instance, device) };
  });
}

/** The name of the database in BACKUP and RESTORE. */
export function databaseName(
  execution: Execution,
  name: Parameters<typeof nameOf>[1] | string | undefined,
): string {
  if (name === undefined) return '';
  return typeof name === 'string' ? name : (nameOf(execution, name) ?? '');
}

/** @throws SqlError 40517 for an option that the double does not know: none is passed over */
export function refuseOthers(options: readonly Option[], known: ReadonlySet<string>): void {
  const other = options.find(({ name }) => !known.has(name));
  if (other !== undefined) throw unsupported(`the option ${other.name}`, other.line);
}

export const hasOption = (options: readonly Option[], name: string): boolean =>
  options.some(option => option.name === name);

/** A whole number such as STATS = 5; undefined where it was not given, `fallback` where it stands without a value. */
export function numberOption(
  execution: Execution,
  options: readonly Option[],
  name: string,
  fallback: number,
): number | undefined {
  const option = options.find(each => each.name === name);
  if (option === undefined) return undefined;
  const { value } = option;
  if (value === undefined || typeof value === 'string' || Array.isArray(value))
    return typeof value === 'string' ? Number(value) : fallback;
  return Number('node' in value ? (nameOf(execution, value) ?? fallback) : fallback);
}

/** STATS: a message at each so many percent. */
export function progressOf(
  execution: Execution,
  command: string,
  stats: number | undefined,
): (percent: number) => void {
  let told = 0;
  return percent => {
    execution.progress?.(percent, command);
    if (stats === undefined || stats <= 0) return;
    const reached = Math.floor(percent / stats) * stats;
    if (reached <= told) return;
    told = reached;
    execution.message({
      number: 3211,
      severity: 10,
      state: 1,
      text: `${reached} percent processed.`,
      now: true,
    });
  };
}
