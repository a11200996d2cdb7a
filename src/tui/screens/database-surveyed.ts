import { freshness } from '../../estate/freshness.ts';
import { counted, formatBytes, formatCount } from '../../foundation/units.ts';
import type { SqlDatabaseSurvey } from '../../journal/facts-site.ts';
import { own } from '../../readiness/copy.ts';
import type { View } from '../screen.ts';
import { type Line, line, span } from '../text/line.ts';
import { labelled } from './parts.ts';

const LARGEST_SHOWN = 5;

/** What the inventory of its server found of one database of the plan; nothing before there was one. */
export function surveyedLines({ snapshot, now }: View, name: string, width: number): Line[] {
  const wanted = own(snapshot?.plan.databases ?? {}, name)?.publisher;
  if (snapshot === undefined || wanted === undefined) return [];
  const server = own(snapshot.state.servers ?? {}, `${wanted.address}:${wanted.port}`);
  const found = server?.databases.find(each => each.name.toLowerCase() === name.toLowerCase());
  if (server === undefined || found === undefined) return [];
  return [
    line(
      span('in the inventory', 'title', { bold: true }),
      span(`  seen ${freshness('inventory', server.at, now).words}`, 'muted'),
    ),
    ...labelled('is', describedAs(found), width, 'muted'),
    ...labelled('backups', backupsOf(found, now), width, 'muted'),
    ...(found.largest ?? [])
      .slice(0, LARGEST_SHOWN)
      .flatMap(({ name: table, rows, bytes, key }, at) =>
        labelled(
          at === 0 ? 'largest' : '',
          `${table}, ${formatCount(rows)} rows, ${formatBytes(bytes)}${key ? '' : ', no primary key'}`,
          width,
          'muted',
        ),
      ),
    ...(found.references ?? []).flatMap(({ kind, from, to }, at) =>
      labelled(at === 0 ? 'needs' : '', `${to} (${kind.replaceAll('-', ' ')}, in ${from})`, width),
    ),
  ];
}

function describedAs(found: SqlDatabaseSurvey): string {
  const { state, recovery, features, tables, withoutKey, dataBytes, logBytes, sizeKnown } = found;
  const size =
    sizeKnown === false ? 'size not known' : `${formatBytes(dataBytes)} data, ${formatBytes(logBytes)} log`;
  return [
    `${state}, ${recovery}`,
    size,
    ...(tables === undefined ? ['tables not seen'] : [counted(tables, 'table')]),
    ...(withoutKey === undefined || withoutKey === 0 ? [] : [`${withoutKey} without a primary key`]),
    ...features,
  ].join(', ');
}

function backupsOf({ lastFullBackupAt, lastLogBackupAt }: SqlDatabaseSurvey, now: number): string {
  const said = (at: number | undefined): string =>
    at === undefined ? 'none known' : freshness('inventory', at, now).words.replace(': stale', '');
  return `full ${said(lastFullBackupAt)}, log ${said(lastLogBackupAt)}`;
}
