import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { findEvacuations } from '../evacuation/engine/find.ts';
import { LandfallError } from '../foundation/errors.ts';
import { readPlan } from '../plan/read.ts';
import type { Io } from './io.ts';

/**
 * The evacuation that an order is for: named, named by its plan, or the only one that runs. Whether there is one of
 * that name is not asked here.
 */
export async function whichRunning(io: Io, argument: string | undefined, root: string): Promise<string> {
  if (argument !== undefined) {
    const isPlan = /\.ya?ml$/.test(argument) || argument.includes('/');
    if (!isPlan || !existsSync(resolve(io.cwd, argument))) return argument;
    return (await readPlan(resolve(io.cwd, argument), io.clock.now(), { running: true })).plan.name;
  }
  const all = await findEvacuations({ root });
  const running = all.filter(each => each.running);
  const [only, ...others] = running;
  if (only !== undefined && others.length === 0) return only.name;
  throw new LandfallError(only === undefined ? 'engine.absent' : 'usage', {
    what:
      only === undefined
        ? 'no engine runs here'
        : `${running.length} evacuations are running; say which one is meant`,
    next:
      only === undefined
        ? ['start one: landfall run PLAN', 'see what there is: landfall list']
        : running.slice(0, 8).map(each => each.name),
  });
}
