import { SqlError, unsupported } from '../errors.ts';
import type { Execution, StatementResult } from '../flow/execution.ts';
import type { AdministrativeStatement } from '../syntax/administration.ts';
import { FILE_COLUMNS, fileRow, HEADER_COLUMNS, headerRow } from './header-columns.ts';
import { type BackupSet, readSets, verifySet } from './media.ts';
import { type DeviceFile, deviceFiles, hasOption, numberOption, refuseOthers } from './options.ts';

export type RestoreStatement = Extract<AdministrativeStatement, { readonly statement: 'restore' }>;

const KNOWN: ReadonlySet<string> = new Set([
  'FILE',
  'CHECKSUM',
  'NO_CHECKSUM',
  'STATS',
  'LOADHISTORY',
  'NOUNLOAD',
  'UNLOAD',
  'CONTINUE_AFTER_ERROR',
  'STOP_ON_ERROR',
  'NOREWIND',
]);

/**
 * RESTORE HEADERONLY, FILELISTONLY and VERIFYONLY.
 *
 * @throws SqlError 3013 after 3201, 3241, 3203, 3189 …
 */
export async function restoreInformation(
  statement: RestoreStatement,
  execution: Execution,
): Promise<StatementResult> {
  refuseOthers(statement.options, KNOWN);
  const devices = deviceFiles(execution, statement.from, statement.line);
  try {
    return await answer(statement, execution, devices);
  } catch (error) {
    if (!(error instanceof SqlError) || error.number === 40517) throw error;
    const what = statement.what === 'verifyonly' ? 'VERIFY DATABASE' : 'RESTORE';
    throw new SqlError(
      3013,
      `${what} ${what === 'RESTORE' ? statement.what.toUpperCase() : ''} is terminating abnormally.`.replaceAll(
        '  ',
        ' ',
      ),
      { preceding: [error] },
    );
  }
}

async function answer(
  statement: RestoreStatement,
  execution: Execution,
  devices: readonly DeviceFile[],
): Promise<StatementResult> {
  const [first] = devices;
  if (first === undefined) throw unsupported('RESTORE without a device', statement.line);
  const sets = await readSets(first.file, first.device);
  switch (statement.what) {
    case 'headeronly':
      return { columns: HEADER_COLUMNS, rows: sets.map(headerRow), count: sets.length };
    case 'filelistonly': {
      const set = chosenSet(sets, numberOption(execution, statement.options, 'FILE', 1) ?? 1, first.device);
      return {
        columns: FILE_COLUMNS,
        rows: set.header.files.map(file => fileRow(file, set)),
        count: set.header.files.length,
      };
    }
    case 'verifyonly': {
      const position = numberOption(execution, statement.options, 'FILE', 1) ?? 1;
      for (const { file, device } of devices) {
        const own = chosenSet(await readSets(file, device), position, device);
        if (hasOption(statement.options, 'CHECKSUM') && !own.header.checksums) {
          throw new SqlError(
            3187,
            'RESTORE WITH CHECKSUM cannot be specified because the backup set does not contain checksum information.',
          );
        }
        await verifySet(file, own, device);
      }
      execution.message({
        number: 3262,
        severity: 0,
        state: 1,
        text: `The backup set on file ${position} is valid.`,
      });
      return { count: undefined };
    }
    default:
      throw unsupported(`RESTORE ${statement.what.toUpperCase()}`, statement.line);
  }
}

/** @throws SqlError 3287-like where the file has no such set */
export function chosenSet(sets: readonly BackupSet[], position: number, device: string): BackupSet {
  const set = sets[position - 1];
  if (set === undefined)
    throw new SqlError(
      3259,
      `The volume on device '${device}' is empty or has no backup set at position ${position}.`,
    );
  return set;
}
