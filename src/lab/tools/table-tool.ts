import { tidyPath } from '../hosts/mounts.ts';
import { answer, refusal, type SimHost } from '../world/world.ts';
import { parseOptions, usageError } from './options.ts';
import type { Tool } from './tool-box.ts';

/** The form that lsblk and findmnt share: rows with chosen columns, as a table or as JSON. */

export type Cell = string | number | null;
export interface Row {
  readonly cells: Readonly<Record<string, Cell>>;
  readonly children: readonly Row[];
}

/** The JSON of util-linux: three spaces a level, objects joined by `},{`. */
export function utilLinuxJson(root: string, rows: readonly Row[], columns: readonly string[]): string {
  const list = (name: string, entries: readonly Row[], indent: number): string => {
    const pad = ' '.repeat(indent);
    const bodies = entries.map(({ cells, children }) => {
      const lines = columns.map(
        column => `${pad}      "${column.toLowerCase()}": ${JSON.stringify(cells[column] ?? null)}`,
      );
      if (children.length > 0) lines.push(list('children', children, indent + 6));
      return lines.join(',\n');
    });
    return `${pad}"${name}": [\n${pad}   {\n${bodies.join(`\n${pad}   },{\n`)}\n${pad}   }\n${pad}]`;
  };
  return `{\n${list(root, rows, 3)}\n}\n`;
}

const flatten = (rows: readonly Row[]): Row[] => rows.flatMap(row => [row, ...flatten(row.children)]);

function plainColumns(rows: readonly Row[], columns: readonly string[], heading: boolean): string {
  const table = [
    ...(heading ? [columns.map(column => column)] : []),
    ...flatten(rows).map(({ cells }) => columns.map(column => String(cells[column] ?? ''))),
  ];
  const widths = columns.map((_, at) => Math.max(...table.map(row => row[at]?.length ?? 0)));
  return table
    .map(
      row =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join(' ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** A tool that answers `-o COLUMNS` with `rows`; operands choose among them. */
export function tableTool(
  root: string,
  known: readonly string[],
  rows: (host: SimHost, wanted: string[]) => Row[],
): Tool {
  return ({ tool, host, args }) => {
    const parsed = parseOptions(args, ['-J', '-b', '-d', '-n', '-l', '--real'], ['-o']);
    if (!parsed.ok) return refusal(usageError(tool, parsed));
    const { flags, values, operands } = parsed;
    const wanted = (values.get('-o') ?? '').split(',').filter(column => column !== '');
    const unknown = wanted.find(column => !known.includes(column));
    if (unknown !== undefined) return refusal(`${tool}: unknown column: ${unknown}\n`);
    if (wanted.length === 0 || (!flags.has('-b') && wanted.includes('SIZE'))) {
      return refusal(`${tool}: the lab knows this tool with -b and -o COLUMNS only\n`);
    }
    let found = rows(host, wanted);
    if (flags.has('-d')) found = found.map(({ cells }) => ({ cells, children: [] }));
    if (operands.length > 0) {
      found = flatten(found).filter(({ cells }) =>
        operands.some(
          operand => tidyPath(operand) === cells['PATH'] || tidyPath(operand) === cells['TARGET'],
        ),
      );
      const [first = ''] = operands;
      if (found.length === 0)
        return refusal(
          tool === 'lsblk' ? `lsblk: ${first}: not a block device\n` : '',
          tool === 'lsblk' ? 32 : 1,
        );
    }
    return answer(
      flags.has('-J') ? utilLinuxJson(root, found, wanted) : plainColumns(found, wanted, !flags.has('-n')),
    );
  };
}
