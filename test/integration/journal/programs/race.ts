import { systemClock } from '../../../../src/foundation/clock.ts';
import { LandfallError } from '../../../../src/foundation/errors.ts';
import { acquireLock, type Lock } from '../../../../src/journal/lock.ts';

/**
 * `race.ts PATH`: says that it is ready, takes the lock at the first byte of standard input, says how that went, and
 * keeps what it has until the end of standard input. It never gives the lock back: it is a holder that dies.
 */
const [path = ''] = process.argv.slice(2);
const say = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);

say({ ready: true });
let lock: Lock | undefined;
for await (const _ of process.stdin) {
  if (lock !== undefined) continue;
  try {
    lock = await acquireLock({ path, owner: { pid: process.pid, user: 'racer' }, clock: systemClock });
    say({ won: process.pid, takenOver: lock.takenOver });
  } catch (error) {
    if (!(error instanceof LandfallError)) throw error;
    say({ lost: error.code, what: error.facts.what });
    break;
  }
}
process.exit(0);
