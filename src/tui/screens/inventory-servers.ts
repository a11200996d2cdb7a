import { freshness } from '../../estate/freshness.ts';
import { counted, formatBytes, formatDuration } from '../../foundation/units.ts';
import type { State } from '../../journal/state.ts';
import { own } from '../../readiness/copy.ts';
import { serversOf } from '../../reports/inventory/servers-of.ts';
import type { View } from '../screen.ts';
import { type Line, line, span } from '../text/line.ts';
import { statusSpan } from './cells.ts';
import { inventoryStep, lookState } from './inventory-state.ts';
import { failureLines, labelled, listed, quietMark } from './parts.ts';

type Server = NonNullable<State['servers']>[string];

/** The SQL Servers of the plan: what was found, which jobs fail, what the login may not see; nothing where it has none. */
export function serverLines(view: View, width: number): Line[] {
  const { snapshot } = view;
  if (snapshot === undefined) return [];
  const known = snapshot.state.servers ?? {};
  const keys = new Set([...serversOf(snapshot.plan).map(({ key }) => key), ...Object.keys(known)]);
  const isFailed = (key: string): boolean => inventoryStep(view, key)?.status === 'failed';
  const sorted = [...keys].sort((a, b) => Number(isFailed(b)) - Number(isFailed(a)));
  return sorted.flatMap(key => serverPart(view, key, own(known, key), width));
}

function serverPart(view: View, key: string, server: Server | undefined, width: number): Line[] {
  const step = inventoryStep(view, key);
  const rights = server?.missingRights.length ?? 0;
  const { kind, word } = lookState(step, server !== undefined, rights);
  const failure =
    step?.status === 'failed' && step.error !== undefined
      ? failureLines(view, { step: step.id, error: step.error, at: step.endedAt ?? step.startedAt }, width)
      : [];
  return [
    line(
      span(`${key}  `, 'title'),
      kind === 'quiet' ? quietMark(view, word) : statusSpan(view, kind, word),
      span(server === undefined ? '' : `  ${server.name}, ${server.version}`, 'muted'),
    ),
    ...failure,
    ...(server === undefined ? [] : aboutServer(view, server, width)),
  ];
}

/** What a server has, what is wrong there, and what could not be seen with the statement that changes it. */
function aboutServer(view: View, server: Server, width: number): Line[] {
  const { databases, jobs, linkedServers = [], logins, replication = [], missingRights, gaps, at } = server;
  const failing = (jobs ?? []).filter(({ enabled, failingSince }) => enabled && failingSince !== undefined);
  const bytes = databases.reduce((sum, each) => sum + each.dataBytes + each.logBytes, 0);
  const sizes = databases.some(({ sizeKnown }) => sizeKnown === false)
    ? 'sizes not all known'
    : formatBytes(bytes);
  const facts = [
    `${counted(databases.length, 'database')}, ${sizes}`,
    jobs === undefined ? 'jobs not seen' : counted(jobs.length, 'job'),
    counted(linkedServers.length, 'linked server'),
    ...(logins === undefined ? [] : [counted(logins.sql + logins.windows, 'login')]),
    ...(server.agentRunning === false ? ['SQL Server Agent does not run'] : []),
    `seen ${freshness('inventory', at, view.now).words}`,
  ];
  return [
    ...labelled('', facts.join(', '), width, 'muted'),
    ...failing.flatMap(({ name, failingSince = at }) =>
      labelled(
        'job',
        `${view.glyphs.warn} ${name} has failed for ${formatDuration(Math.max(0, at - failingSince))} without a success`,
        width,
        'warn',
      ),
    ),
    ...replication.flatMap(each => labelled('replication', each, width)),
    ...missingRights.flatMap(({ right, unlocks }) =>
      labelled('lacks', `${view.glyphs.warn} ${right}: ${unlocks} not seen`, width, 'warn'),
    ),
    ...listed(
      missingRights.map(({ grant }) => grant),
      width,
    ),
    ...gaps.flatMap(({ what, why }) => labelled('not seen', `${what} (${why})`, width, 'muted')),
  ];
}
