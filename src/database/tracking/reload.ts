import { beginStatement } from '../reconcile/progress.ts';
import type { Work } from '../stage.ts';
import { equalise } from './copy.ts';
import { wholeTables } from './copy-statements.ts';
import { holdWhereNot } from './hold.ts';

/**
 * Copies the tables whole that nothing can follow. Only when nobody writes on production any more: what is equal stays,
 * what is not is replaced in one transaction each. What one of them held before is not needed to repeat it.
 */
export async function reloadTables(work: Work): Promise<{ readonly rows: number; readonly bytes: number }> {
  const { servers, ref, signal } = work;
  const tables = wholeTables(work);
  if (tables.length === 0) return { rows: 0, bytes: 0 };
  await holdWhereNot(work);
  const pinned = `reload at ${work.clock.now()}`;
  return servers.publisher.session(
    ref.source,
    source =>
      servers.subscriber.session(
        ref.copy,
        async copy => {
          await copy.run(beginStatement(work), {
            signal,
            parameters: { pinned: { type: 'nvarchar', value: pinned } },
          });
          let rows = 0;
          for (const numbered of tables) {
            const { counts } = await equalise(work, numbered, pinned, 0, () => undefined, source, copy);
            rows += counts.rows;
          }
          const [here, there] = [source.traffic(), copy.traffic()];
          return { rows, bytes: here.received + here.sent + there.received + there.sent };
        },
        { signal },
      ),
    { signal },
  );
}
