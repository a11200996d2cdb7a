import type { BesidesItem } from '../../journal/database-facts.ts';
import { compareDatabases } from './compare-database.ts';
import { compareJobs } from './compare-jobs.ts';
import { compareServers } from './compare-server.ts';
import type { Besides } from './facts.ts';
import type { Finding, Passwords, Wanted } from './wanted.ts';

export interface Comparison {
  readonly items: readonly BesidesItem[];
  readonly wanted: readonly Wanted[];
  /** False where the copy cannot be read yet: a database that is still being restored. */
  readonly whole: boolean;
}

export interface Pairing {
  readonly source: string;
  readonly copy: string;
  readonly passwords: Passwords;
  /** Logins that the hand-over has disabled on the publisher, lower case: they are compared as they were. */
  readonly lent?: ReadonlySet<string>;
}

/** What replication does not bring: production against the copy, in the order in which things depend on each other. */
export function compareBesides(source: Besides, copy: Besides, pairing: Pairing): Comparison {
  const logins = { source: source.server.logins, copy: copy.server.logins };
  const findings: Finding[] = [
    ...compareServers(source.server, copy.server, pairing.passwords, pairing.lent ?? new Set()),
    ...(source.database === undefined || copy.database === undefined
      ? []
      : compareDatabases(source.database, copy.database, logins)),
    ...compareJobs(source.server, copy.server, pairing),
  ];
  return {
    items: findings.map(({ item }) => item),
    wanted: findings.flatMap(({ wanted }) => (wanted === undefined ? [] : [wanted])),
    whole: copy.database !== undefined,
  };
}
