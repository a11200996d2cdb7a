import type { NameResolver } from '../../evacuation/surroundings/names.ts';
import type { Plan } from '../../plan/schema.ts';

/** The zone of the lab: it has the records of the lab's plan, and nobody else's. */
export interface Zone extends NameResolver {
  /** As people do it at cutover; answers are the plan's new ones from then on. */
  change(record: string): void;
}

const TTL_SECONDS = 60;

/** `switched`: the records that were changed before the rehearsal was taken up again. */
export function createZone({ dns }: Pick<Plan, 'dns'>, switched: readonly string[] = []): Zone {
  const changed = new Set(switched);
  return {
    async resolve(name, type) {
      const record = dns.find(known => known.name === name && known.type === type);
      if (record === undefined)
        throw Object.assign(new Error(`no ${name} in the lab`), { code: 'ENOTFOUND' });
      return { answers: [changed.has(name) ? record.to : record.from], ttl: TTL_SECONDS };
    },
    change: record => void changed.add(record.split('/')[0] ?? record),
  };
}
