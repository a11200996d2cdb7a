import { canonicalIp, leadsNowhere } from '../../../foundation/ip.ts';
import { harmless } from '../../../foundation/text.ts';
import { type UpstreamFacts, upstreamFacts } from '../../../journal/facts-survey.ts';
import type { Answers } from '../learn.ts';
import { bounded } from '../system/bounds.ts';
import { portOf, rowsOf } from './rows.ts';

const MOST = 500;

/** ROLE, HOST, PORT, FILE, LINE apart by tabs; what no role is known of is `other`. */
export function parseUpstreams(text: string): UpstreamFacts[] | undefined {
  return rowsOf(text, 4)?.flatMap(([role, host = '', port, where = '', line]) => {
    const known = upstreamFacts.shape.role.safeParse(role);
    return upstream(known.success ? known.data : 'other', host, where, port, line);
  });
}

/** FILE, LINE, HOST apart by tabs: repositories of packages that are not the distribution's own. */
export function parseRepositories(text: string): UpstreamFacts[] | undefined {
  return rowsOf(text, 3)?.flatMap(([where = '', line, host = '']) =>
    upstream('repository', host, where, undefined, line),
  );
}

function upstream(
  role: UpstreamFacts['role'],
  raw: string,
  where: string,
  port: string | undefined,
  line: string | undefined,
): UpstreamFacts[] {
  const host = canonicalIp(raw) ?? raw.toLowerCase().replace(/\.$/, '');
  if (!/^[a-z0-9_](?:[a-z0-9_.:-]*[a-z0-9_:])?$/.test(host) || host.length > 253) return [];
  if (host === 'localhost' || leadsNowhere(host)) return [];
  const number = portOf(port);
  const at = /^[1-9]\d{0,8}$/.test(line ?? '') ? Number(line) : undefined;
  return [
    {
      ...{ role, host, where: harmless(where.slice(0, 300)) },
      ...(number === undefined ? {} : { port: number }),
      ...(at === undefined ? {} : { line: at }),
    },
  ];
}

/** Everything that its configuration names, each once; undefined where nothing of it could be read. */
export function readUpstreams(answers: Answers): UpstreamFacts[] | undefined {
  const configured = answers.learn('whom it is configured to use', 'upstreams', parseUpstreams);
  const text = answers.text('repositories');
  const repositories = text === undefined ? [] : (parseRepositories(text) ?? []);
  if (configured === undefined && repositories.length === 0) return undefined;
  const once = new Map<string, UpstreamFacts>();
  for (const each of [...(configured ?? []), ...repositories]) {
    const key = `${each.role} ${each.host} ${each.port ?? ''}`;
    if (!once.has(key)) once.set(key, each);
  }
  return bounded(answers, 'whom it is configured to use', [...once.values()], MOST);
}
