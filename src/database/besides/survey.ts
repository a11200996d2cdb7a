import type { SqlServer } from '../../remote/sql/server.ts';
import type { Work } from '../stage.ts';
import { type Comparison, compareBesides } from './compare.ts';
import type { Besides } from './facts.ts';
import { readDatabase } from './read-database.ts';
import { readHash, readServer } from './read-server.ts';
import { isPortableHash, key, loginNames, type Passwords } from './wanted.ts';

type Asking = Pick<Work, 'signal' | 'ref'> & {
  readonly servers: Record<'publisher' | 'subscriber', Pick<SqlServer, 'ask'>>;
};

export interface Survey {
  readonly source: Besides;
  readonly copy: Besides;
  readonly comparison: Comparison;
}

/** Newer servers keep passwords in a way that older ones do not take. */
const NEW_HASHES = 17;

/** Reads both servers and compares them. Hashes are compared here and are gone afterwards. */
export async function surveyBesides(work: Asking, lent?: ReadonlySet<string>): Promise<Survey> {
  const { servers, ref, signal } = work;
  const read = async (role: 'publisher' | 'subscriber', database: string): Promise<Besides> => {
    const server = await readServer(servers[role], role, signal);
    const facts = await readDatabase(servers[role], role, database, signal);
    return { server, ...(facts === undefined ? {} : { database: facts }) };
  };
  const [source, copy] = await Promise.all([read('publisher', ref.source), read('subscriber', ref.copy)]);
  const passwords = await comparePasswords(work, source, copy);
  const comparison = compareBesides(source, copy, {
    source: ref.source,
    copy: ref.copy,
    passwords,
    ...(lent === undefined ? {} : { lent }),
  });
  return { source, copy, comparison };
}

async function comparePasswords(
  { servers, signal }: Asking,
  source: Besides,
  copy: Besides,
): Promise<Passwords> {
  const passwords = new Map<string, 'same' | 'different' | 'unreadable'>();
  const there = new Set(loginNames(copy.server.logins).map(name => key(name)));
  for (const name of loginNames(source.server.logins)) {
    const hash = await readHash(servers.publisher, 'publisher', name, signal);
    const isTaken = hash !== undefined && (isPortableHash(hash) || copy.server.major >= NEW_HASHES);
    if (!isTaken) passwords.set(key(name), 'unreadable');
    else if (there.has(key(name))) {
      const other = await readHash(servers.subscriber, 'subscriber', name, signal);
      passwords.set(key(name), other === hash ? 'same' : 'different');
    } else passwords.set(key(name), 'different');
  }
  return passwords;
}
