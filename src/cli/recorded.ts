import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { planInForce } from '../evacuation/engine/plan-in-force.ts';
import { LandfallError } from '../foundation/errors.ts';
import { listEvacuations, openEvacuationDirectory } from '../journal/directory.ts';
import type { Event } from '../journal/events.ts';
import { readState } from '../journal/read-state.ts';
import type { State } from '../journal/state.ts';
import { readPlan } from '../plan/read.ts';
import type { Plan } from '../plan/schema.ts';
import type { Io } from './io.ts';
import { evacuationsRoot, planFile } from './paths.ts';

export interface LoadedEvacuation {
  /** The plan that the evacuation follows, as it was frozen. */
  readonly plan: Plan;
  readonly state: State;
  /** Bytes of an unfinished last line of the journal: being written right now, or torn by a crash. */
  readonly tornBytes: number;
  /** Hash of the plan file that was named, to be held against the frozen one; absent where a name was given. */
  readonly planHash?: string;
}

/**
 * The plan and state of an evacuation that is named, or whose plan is named, or that is the only one; `visit` sees every
 * event of its journal on the way.
 */
export async function loadEvacuation(
  io: Io,
  argument: string | undefined,
  stateOption: string | undefined,
  visit?: (event: Event) => void,
): Promise<LoadedEvacuation> {
  const root = evacuationsRoot(io, stateOption);
  const named = await whichEvacuation(io, argument, await listEvacuations(root));
  const directory = await openEvacuationDirectory(root, named.name);
  const { state, tornBytes } = await readState(root, named.name, visit);
  const plan = await planInForce(directory, state.evacuation?.planHash, io.clock.now());
  return { plan, state, tornBytes, ...(named.planHash === undefined ? {} : { planHash: named.planHash }) };
}

async function whichEvacuation(
  io: Io,
  argument: string | undefined,
  existing: readonly string[],
): Promise<{ readonly name: string; readonly planHash?: string }> {
  const ofPlan = async (file: string): Promise<{ name: string; planHash: string }> => {
    const { plan, hash } = await readPlan(file, io.clock.now(), { running: true });
    return { name: plan.name, planHash: hash };
  };
  if (argument !== undefined) {
    const file = resolve(io.cwd, argument);
    const isPlan = /\.ya?ml$/.test(argument) || (!existing.includes(argument) && existsSync(file));
    return isPlan ? ofPlan(file) : { name: argument };
  }
  const [only, ...others] = existing;
  if (only !== undefined && others.length === 0) return { name: only };
  if (existing.length > 1 && (io.env['LANDFALL_PLAN'] ?? '') === '') {
    throw new LandfallError('usage', {
      what: `there are ${existing.length} evacuations; say which`,
      next: existing.slice(0, 8).map(name => `landfall status ${name}`),
    });
  }
  return ofPlan(await planFile(io, undefined));
}
