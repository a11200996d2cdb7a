import { z } from 'zod';
import type { AlignDeed } from '../../journal/database-facts.ts';
import type { Servers } from '../../remote/sql/server.ts';
import type { Script } from '../../remote/sql/statement.ts';
import { readCatalog } from '../catalog/read.ts';
import type { Catalog } from '../catalog/types.ts';
import { compareCatalogs } from './compare.ts';
import type { Drift, Question } from './types.ts';

export interface Measuring {
  readonly servers: Pick<Servers, 'publisher' | 'subscriber'>;
  readonly ref: { readonly source: string; readonly copy: string };
  readonly signal?: AbortSignal;
}

/** Drift with what it was found from. */
export interface MeasuredDrift extends Drift {
  readonly source: Catalog;
  readonly copy: Catalog;
}

const answer = z.object({ fits: z.union([z.boolean(), z.number()]) });

/**
 * Reads both catalogs, asks the copy whether what would be narrowed, made unique or dropped loses anything, and
 * compares. Nothing is written. A question looks at every row of its table.
 *
 * @throws LandfallError `sql.*`
 */
export async function measureDrift({ servers, ref, signal }: Measuring): Promise<MeasuredDrift> {
  const source = await readCatalog(servers.publisher, 'publisher', ref.source, signal);
  const copy = await readCatalog(servers.subscriber, 'subscriber', ref.copy, signal);
  const drift = await settled(source, copy, async ({ statement }) => {
    const [row] = await servers.subscriber.ask(statement, answer, signal === undefined ? {} : { signal });
    return row?.fits === true || row?.fits === 1;
  });
  return { ...drift, source, copy };
}

/** Compares until every question that the comparison has is answered; an answer may bring up another. */
export async function settled(
  source: Catalog,
  copy: Catalog,
  fits: (question: Question) => Promise<boolean>,
): Promise<Drift> {
  const asked = new Set<string>();
  const fitting = new Set<string>();
  for (;;) {
    const drift = compareCatalogs(source, copy, fitting);
    const open = drift.questions.filter(question => !asked.has(question.id));
    if (open.length === 0) return drift;
    for (const question of open) {
      asked.add(question.id);
      if (await fits(question)) fitting.add(question.id);
    }
  }
}

/** The script as the event `database.planned` keeps it. */
export const keptAlign = (align: Script): AlignDeed[] =>
  align.deeds.map(({ id, statement, done }) => ({
    id,
    title: statement.title,
    text: statement.text,
    done: done.text,
  }));
