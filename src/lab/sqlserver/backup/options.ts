import { SqlError, unsupported } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { Device, Option } from '../syntax/administration.ts';
import { nameOf, optionText } from '../system/statement-values.ts';
import { deviceFile } from './device.ts';

/** A device as it was named, and the file it is here. */
export interface DeviceFile {
  readonly device: string;
  readonly file: string;
}

/** @throws SqlError 3205 for too many devices, 40517 for kinds that the double does not write */
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

/** @throws SqlError 3031 where two of the names stand together */
export function refuseConflicts(
  options: readonly Option[],
  pairs: readonly (readonly [string, string])[],
): void {
  for (const [left, right] of pairs)
    if (hasOption(options, left) && hasOption(options, right))
      throw new SqlError(
        3031,
        `Option '${left.toLowerCase()}' conflicts with option(s) '${right.toLowerCase()}'. Remove the conflicting option and reissue the statement.`,
      );
}

/**
 * A whole number such as STATS = 5; undefined where it was not given, `fallback` where it stands without a value.
 *
 * @throws SqlError 3250 where it is none
 */
export function numberOption(
  execution: Execution,
  options: readonly Option[],
  name: string,
  fallback: number,
): number | undefined {
  if (!hasOption(options, name)) return undefined;
  const text = optionText(execution, options, name);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new SqlError(3250, `The value '${text}' is not within range for the ${name} parameter.`);
  return value;
}

/** STATS: a message at each so many percent. */
export function progressOf(
  execution: Execution,
  command: string,
  stats: number | undefined,
): (percent: number) => void {
  let told = 0;
  execution.progress?.(0, command);
  return percent => {
    execution.progress?.(percent, command);
    if (stats === undefined) return;
    const reached = Math.floor(Math.min(100, percent) / stats) * stats;
    if (reached <= told) return;
    told = reached;
    execution.message({
      number: 3211,
      severity: 0,
      state: 1,
      text: `${reached} percent processed.`,
      now: true,
    });
  };
}

/** @throws SqlError 3021 */
export function forbidTransactions({ evaluation }: Execution): void {
  if (evaluation.session.transactionCount > 0)
    throw new SqlError(3021, 'Cannot perform a backup or restore operation within a transaction.');
}

/** What has been read or written, file by file (4035), and how long it took (3014). */
export function tellProcessed(
  execution: Execution,
  statement: string,
  work: {
    readonly database: string;
    readonly files: readonly { readonly logicalName: string; readonly type: 'ROWS' | 'LOG' }[];
    readonly position: number;
    readonly bytes: number;
    readonly began: number;
  },
): void {
  const pages = Math.ceil(work.bytes / 8192);
  const seconds = Math.max(0.001, (execution.instance.clock.now() - work.began) / 1000);
  const log = statement.endsWith('LOG');
  const [first] = work.files.filter(({ type }) => (type === 'LOG') === log);
  for (const { logicalName, type } of work.files) {
    if (log && type === 'ROWS') continue;
    const own = logicalName === first?.logicalName ? pages : type === 'LOG' ? 2 : 0;
    execution.message({
      ...{ number: 4035, severity: 0, state: 1 },
      text: `Processed ${own} pages for database '${work.database}', file '${logicalName}' on file ${work.position}.`,
    });
  }
  execution.message({
    ...{ number: 3014, severity: 0, state: 1 },
    text: `${statement} successfully processed ${pages} pages in ${seconds.toFixed(3)} seconds (${(work.bytes / 1_048_576 / seconds).toFixed(3)} MB/sec).`,
  });
}
