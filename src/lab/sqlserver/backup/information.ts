import { SqlError, unsupported } from '../errors.ts';
import type { Execution, StatementResult } from '../flow/execution.ts';
import type { AdministrativeStatement } from '../syntax/administration.ts';
import {
  FILE_COLUMNS,
  fileRow,
  HEADER_COLUMNS,
  headerRow,
  LABEL_COLUMNS,
  labelRow,
} from './header-columns.ts';
import { readSets } from './media.ts';
import { chosenSet, sourceOf } from './media-set.ts';
import { deviceFiles, numberOption, progressOf, refuseOthers } from './options.ts';

export type RestoreStatement = Extract<AdministrativeStatement, { readonly statement: 'restore' }>;

const KNOWN: ReadonlySet<string> = new Set([
  ...['FILE', 'CHECKSUM', 'NO_CHECKSUM', 'STATS', 'NOUNLOAD', 'UNLOAD', 'STOP_ON_ERROR', 'NOREWIND'],
  'REWIND',
]);

/**
 * RESTORE HEADERONLY, FILELISTONLY, LABELONLY and VERIFYONLY.
 *
 * @throws SqlError 3013 after 3201, 3241, 3203, 3189, 4038, 3132, 3187
 */
export async function restoreInformation(
  statement: RestoreStatement,
  execution: Execution,
): Promise<StatementResult> {
  refuseOthers(statement.options, KNOWN);
  try {
    return statement.what === 'verifyonly'
      ? await verify(statement, execution)
      : await answer(statement, execution);
  } catch (error) {
    if (!(error instanceof SqlError) || error.number === 40517) throw error;
    const what =
      statement.what === 'verifyonly' ? 'VERIFY DATABASE' : `RESTORE ${statement.what.toUpperCase()}`;
    throw new SqlError(3013, `${what} is terminating abnormally.`, { preceding: [error] });
  }
}

async function answer(statement: RestoreStatement, execution: Execution): Promise<StatementResult> {
  const [first] = deviceFiles(execution, statement.from, statement.line);
  if (first === undefined) throw unsupported('RESTORE without a device', statement.line);
  const { file, device } = first;
  const sets = await readSets(file, device);
  const position = numberOption(execution, statement.options, 'FILE', 1);
  switch (statement.what) {
    case 'headeronly': {
      const shown = position === undefined ? sets : [chosenSet(sets, position, device)];
      return { columns: HEADER_COLUMNS, rows: shown.map(headerRow), count: shown.length };
    }
    case 'labelonly':
      return { columns: LABEL_COLUMNS, rows: [labelRow(chosenSet(sets, 1, device))], count: 1 };
    case 'filelistonly': {
      const set = chosenSet(sets, position ?? 1, device);
      const { files } = set.header;
      return { columns: FILE_COLUMNS, rows: files.map(each => fileRow(each, set)), count: files.length };
    }
    default:
      throw unsupported(`RESTORE ${statement.what.toUpperCase()}`, statement.line);
  }
}

/** Reads every byte of the set: whether it can be read, not whether it can be restored. */
async function verify(statement: RestoreStatement, execution: Execution): Promise<StatementResult> {
  const source = await sourceOf(statement, execution);
  const stats = numberOption(execution, statement.options, 'STATS', 10);
  const progress = progressOf(execution, 'RESTORE VERIFYONLY', stats);
  let read = 0;
  for await (const piece of source.payload()) {
    execution.signal.throwIfAborted();
    read += piece.length;
    progress((100 * read) / source.length);
  }
  execution.message({
    ...{ number: 3262, severity: 0, state: 1 },
    text: `The backup set on file ${source.position} is valid.`,
  });
  return { count: undefined };
}
