import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { findEvacuations } from '../evacuation/engine/find.ts';
import { LandfallError } from '../foundation/errors.ts';
import { listEvacuations } from '../journal/directory.ts';
import { readState } from '../journal/read-state.ts';
import { readPlan } from '../plan/read.ts';
import type { Io } from './io.ts';

/**
 * The evacuation that an order is for: named, named by its plan, or the only one that runs. Whether there is one of
 * that name is not asked here.
 */
export async function whichRunning(
  io: Io,
  argument: string | undefined,
  root: string,
  /** The command that is given, for the one who named a machine in the place of the evacuation. */
  verb?: string,
): Promise<string> {
  if (argument !== undefined) {
    const isPlan = /\.ya?ml$/.test(argument) || argument.includes('/');
    if (!isPlan || !existsSync(resolve(io.cwd, argument))) {
      if (verb !== undefined) await refuseMachine(argument, root, verb);
      return argument;
    }
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

/** Throws `usage` where no evacuation is called so, but a machine of one that runs. */
async function refuseMachine(named: string, root: string, verb: string): Promise<void> {
  if ((await listEvacuations(root)).includes(named)) return;
  for (const { name, running } of await findEvacuations({ root })) {
    if (!running) continue;
    const { state } = await readState(root, name);
    if (state.evacuation?.machines.includes(named) !== true) continue;
    throw new LandfallError('usage', {
      what: `${named} is a machine of ${name}; the evacuation comes first`,
      next: [`landfall ${verb} ${name} ${named}`],
    });
  }
}
