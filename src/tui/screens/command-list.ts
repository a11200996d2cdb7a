import { formatDuration } from '../../foundation/units.ts';
import { own } from '../../readiness/copy.ts';
import type { CommandRecord } from '../../remote/host.ts';
import type { Item, View } from '../screen.ts';
import { type Line, line, span } from '../text/line.ts';
import { type Column, widest } from '../text/table.ts';
import { statusSpan } from './cells.ts';
import { layoutsOf } from './columns.ts';
import { timeOfDay } from './times.ts';

/** Commands that were run on hosts as rows, newest first, so that the newest is selected until another one is. */

export interface ListedCommand {
  readonly id: string;
  readonly record: CommandRecord;
}

/** Those of all hosts, or only what was run for one machine. */
export function listedCommands({ snapshot }: View, machine: string | undefined): ListedCommand[] {
  const seen = new Map<string, number>();
  const listed = (snapshot?.commands ?? [])
    .filter(record => machine === undefined || isAbout(record, machine))
    .map((record): ListedCommand => {
      const place = `${record.at} ${record.host}`;
      const count = (seen.get(place) ?? 0) + 1;
      seen.set(place, count);
      return { id: `${place} ${count}`, record };
    });
  return listed.reverse();
}

/** On the machine itself or on its receiver, or on a hypervisor with the name of the machine in it. */
function isAbout({ host, command }: CommandRecord, machine: string): boolean {
  if (host === machine || host === `${machine}.receiver`) return true;
  const at = command.indexOf(machine);
  if (at === -1) return false;
  const isWordEnd = (char: string | undefined): boolean => char === undefined || !/[A-Za-z0-9]/.test(char);
  return isWordEnd(command[at - 1]) && isWordEnd(command[at + machine.length]);
}

export function commandTable(
  view: View,
  commands: readonly ListedCommand[],
): { readonly items: Item[]; readonly header: (width: number) => Line } {
  const layouts = layoutsOf(() => columnsOf(view, commands), view.glyphs.ellipsis);
  return {
    header: width => layouts(width).header,
    items: commands.map(({ id, record }) => ({
      id,
      search: `${record.host} ${record.command}${isFailure(record) ? ' failed' : ''}`,
      line: width => layouts(width).row(record),
    })),
  };
}

export const isFailure = ({ code }: CommandRecord): boolean => code !== 0;

/** `✔ 0`, `✖ 12`, `? no code` where the connection was lost before the command told. */
function codeCell(view: View, { code }: CommandRecord): Line {
  if (code === null) return line(statusSpan(view, 'unknown', 'no code'));
  return line(statusSpan(view, code === 0 ? 'ok' : 'bad', String(code)));
}

function columnsOf(view: View, commands: readonly ListedCommand[]): Column<CommandRecord>[] {
  const hosts = widest(
    commands.map(({ record }) => record.host),
    4,
    18,
  );
  return [
    { title: 'UTC', keep: 2, least: 8, most: 8, cell: ({ at }) => line(span(timeOfDay(at), 'muted')) },
    {
      title: 'host',
      keep: 1,
      least: Math.min(hosts, 10),
      most: hosts,
      cell: ({ host }) => line(span(host, 'title')),
    },
    { title: 'code', keep: 0, least: 5, most: 9, cell: record => codeCell(view, record) },
    {
      title: 'took',
      keep: 3,
      least: 6,
      most: 7,
      align: 'right',
      cell: ({ ms }) => line(span(tookText(ms), 'muted')),
    },
    {
      title: 'command',
      keep: 0,
      least: 20,
      most: 400,
      cell: ({ command }) => line(span(shortCommand(view, command))),
    },
  ];
}

const SCRIPT = /(?:sh -c )?<script sha256:([0-9a-f]+)>(?: sh(?= ))?/g;

/** For one line of a list: scripts without their names, and the directory where everything of landfall lies unsaid. */
export function shortCommand(
  { snapshot, glyphs }: Pick<View, 'snapshot' | 'glyphs'>,
  command: string,
): string {
  return command
    .replace(SCRIPT, 'script')
    .replaceAll(`/run/landfall/${snapshot?.name ?? ''}/`, `${glyphs.ellipsis}/`);
}

/** The names of the scripts that stand in a command in place of their text. */
export const scriptsIn = (command: string): string[] =>
  [...command.matchAll(SCRIPT)].map(([, name = '']) => name);

/** Most commands are over in less than a second. */
export const tookText = (ms: number): string => (ms < 1000 ? `${Math.round(ms)}ms` : formatDuration(ms));

/** True where the subject of a place is a machine of the plan. */
export const isMachine = ({ snapshot }: View, name: string | undefined): name is string =>
  name !== undefined && own(snapshot?.plan.machines ?? {}, name) !== undefined;
