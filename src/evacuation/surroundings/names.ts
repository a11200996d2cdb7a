import { Resolver } from 'node:dns/promises';
import type { EventOf } from '../../journal/events.ts';
import type { Plan } from '../../plan/schema.ts';

type Answered = EventOf<'surroundings.observed'>['records'][number];
type RecordType = Plan['dns'][number]['type'];

/** What is asked for names; injected, so that no test needs a network. */
export interface NameResolver {
  /** Answers as a plan writes them, and the time for which the asked server would keep them, seconds, where it says so. */
  resolve(name: string, type: RecordType): Promise<{ readonly answers: string[]; readonly ttl?: number }>;
}

/** The resolvers of the control machine. Each question ends after a few seconds, answered or not. */
export function systemResolver(): NameResolver {
  const resolver = new Resolver({ timeout: 3000, tries: 2 });
  return {
    async resolve(name, type) {
      if (type === 'A') return addresses(await resolver.resolve4(name, { ttl: true }));
      if (type === 'AAAA') return addresses(await resolver.resolve6(name, { ttl: true }));
      // node:dns says no TTL of the others.
      if (type === 'CNAME') return { answers: await resolver.resolveCname(name) };
      if (type === 'MX') return { answers: (await resolver.resolveMx(name)).map(({ exchange }) => exchange) };
      if (type === 'SRV')
        return {
          answers: (await resolver.resolveSrv(name)).map(
            ({ priority, weight, port, name: target }) => `${priority} ${weight} ${port} ${target}`,
          ),
        };
      return { answers: (await resolver.resolveTxt(name)).map(chunks => chunks.join('')) };
    },
  };
}

function addresses(found: readonly { readonly address: string; readonly ttl: number }[]) {
  const answers = found.map(({ address }) => address);
  return found.length === 0 ? { answers } : { answers, ttl: Math.max(...found.map(({ ttl }) => ttl)) };
}

/** Every record of the plan, as it is answered now. Never rejects: what went wrong stands beside the name. */
export function askForRecords(plan: Pick<Plan, 'dns'>, resolver: NameResolver): Promise<Answered[]> {
  return Promise.all(
    plan.dns.map(async ({ name, type }): Promise<Answered> => {
      try {
        const { answers, ttl } = await resolver.resolve(name, type);
        return {
          ...{ name, recordType: type, answers },
          ...(ttl === undefined ? {} : { ttl }),
          ...(answers.length === 0 ? { trouble: 'it has no answer' } : {}),
        };
      } catch (thrown) {
        return { name, recordType: type, answers: [], trouble: troubleOf(thrown) };
      }
    }),
  );
}

/** Codes of node:dns in words; whoever reads them at night does not know c-ares. */
const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such name',
  ENODATA: 'the name has no record of this type',
  ETIMEOUT: 'no resolver answered in time',
  ECONNREFUSED: 'no resolver could be reached',
  ESERVFAIL: 'the resolver failed',
  EREFUSED: 'the resolver refused to answer',
};

function troubleOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (Object.hasOwn(WORDS, code)) return WORDS[code] ?? code;
  return code === '' ? 'it could not be asked for' : `it could not be asked for (${code})`;
}
