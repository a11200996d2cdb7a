import { LandfallError } from '../../foundation/errors.ts';
import { numbersOf } from '../../remote/sql/faults.ts';
import type { Deed, Script } from '../../remote/sql/statement.ts';
import { performScript } from '../perform.ts';
import type { Work } from '../stage.ts';

const LOCK_TIMEOUT = 1222;
const PASSES = 6;
const PAUSE = 2_000;

/**
 * Performs a script whose deeds need tables for themselves for a moment. Production's transactions go first: a deed that
 * waits too long gives up, the others are done, and then it is its turn again.
 *
 * @throws LandfallError database.in-use where a table is never free
 */
export async function performPatiently(script: Script, work: Work): Promise<void> {
  let left: readonly Deed[] = script.deeds;
  for (let pass = 1; ; pass += 1) {
    const busy: { readonly deed: Deed; readonly error: LandfallError }[] = [];
    for (const deed of left) {
      try {
        await performScript({ title: script.title, deeds: [deed] }, work);
      } catch (thrown) {
        if (!(thrown instanceof LandfallError) || !numbersOf(thrown).includes(LOCK_TIMEOUT)) throw thrown;
        busy.push({ deed, error: thrown });
      }
    }
    const [first] = busy;
    if (first === undefined) return;
    if (pass === PASSES) throw inUse(work, busy.length, first);
    left = busy.map(({ deed }) => deed);
    await work.clock.sleep(PAUSE, work.signal);
  }
}

const inUse = (
  { servers }: Work,
  count: number,
  { deed, error }: { readonly deed: Deed; readonly error: LandfallError },
): LandfallError =>
  new LandfallError('database.in-use', {
    what: `${deed.statement.title}: the table is never free for a moment${count === 1 ? '' : `, nor are ${count - 1} others`}`,
    why: 'landfall does not let production wait behind it',
    where: { host: servers[deed.statement.on].label, command: deed.statement.text },
    ...(error.facts.evidence === undefined ? {} : { evidence: error.facts.evidence }),
    next: [
      "see who holds it: SELECT session_id, blocking_session_id, wait_type FROM sys.dm_exec_requests; SELECT * FROM sys.dm_tran_locks WHERE resource_type = N'OBJECT'",
      'run the same command again in a quieter hour, or give it longer: production.lock_timeout in the plan',
    ],
    cause: error,
  });
