import { freshness } from '../../estate/freshness.ts';
import { harmless } from '../../foundation/text.ts';
import { counted, formatBytes } from '../../foundation/units.ts';
import type { View } from '../../step/step.ts';
import type { Shown } from './json.ts';

/** Each SQL Server that was looked at: what it is, its databases, what acts there. Empty where the plan has none. */
export function serversText({ state }: View, { now }: Pick<Shown, 'now'>): string {
  const lines = Object.entries(state.servers ?? {}).flatMap(([key, server]) => {
    const planned = new Set(server.planned);
    const jobs = server.jobs ?? [];
    const failing = jobs.filter(({ enabled, lastOutcome }) => enabled && lastOutcome === 'failed').length;
    const around = [
      ...(server.jobs === undefined
        ? []
        : [`${counted(jobs.length, 'job')}${failing === 0 ? '' : `, ${failing} of them failing`}`]),
      ...(server.linkedServers === undefined ? [] : [counted(server.linkedServers.length, 'linked server')]),
      ...(server.logins === undefined ? [] : [counted(server.logins.sql + server.logins.windows, 'login')]),
    ];
    return [
      `${harmless(key)}: ${harmless(server.name)}, SQL Server ${harmless(server.version)}, ${harmless(server.edition)}, seen ${freshness('inventory', server.at, now).words}`,
      ...server.databases.map(
        ({ name, state: mode, recovery, dataBytes }) =>
          `${' '.repeat(13)}${planned.has(name) ? 'leaves  ' : 'stays   '} ${harmless(name)}: ${formatBytes(dataBytes)}, ${harmless(recovery)}, ${harmless(mode)}`,
      ),
      ...(around.length === 0 ? [] : [`${' '.repeat(13)}beside   ${around.join(', ')}`]),
    ];
  });
  return lines.length === 0 ? '' : `SQL Servers\n${lines.join('\n')}\n`;
}
