import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { listEvacuations, openEvacuationDirectory } from '../../journal/directory.ts';
import { EMPTY_STATE } from '../../journal/state.ts';
import { readPlan } from '../../plan/read.ts';
import type { View } from '../../step/step.ts';
import type { Io } from '../io.ts';
import { evacuationsRoot, planFile } from '../paths.ts';
import { loadEvacuation } from '../recorded.ts';

export interface Named {
  /** A plan file, or the name of an evacuation. */
  readonly evacuation: string | undefined;
  readonly state: string | undefined;
}

/** An evacuation that was begun, or a plan of which nothing is known yet: its list can be read before anything runs. */
export async function knownOrNew(io: Io, { evacuation, state }: Named): Promise<View> {
  const existing = await listEvacuations(evacuationsRoot(io, state));
  const isName = evacuation !== undefined && existing.includes(evacuation);
  if (isName || (evacuation === undefined && existing.length === 1))
    return loadEvacuation(io, evacuation, state);
  const { plan } = await readPlan(await planFile(io, evacuation), io.clock.now(), { running: true });
  return existing.includes(plan.name) ? loadEvacuation(io, plan.name, state) : { plan, state: EMPTY_STATE };
}

/**
 * The plan file that an engine would be started with. A name alone leads to the plan as it was frozen with the
 * evacuation: whoever has only the evacuation's directory, because the control machine is gone, can go on with it.
 */
export async function planToStart(io: Io, { evacuation, state }: Named): Promise<string | undefined> {
  const root = evacuationsRoot(io, state);
  const existing = await listEvacuations(root);
  const isFile = evacuation !== undefined && existsSync(resolve(io.cwd, evacuation));
  if (isFile || (evacuation === undefined && (io.env['LANDFALL_PLAN'] ?? '') !== '')) return evacuation;
  const name = evacuation ?? (existing.length === 1 ? existing[0] : undefined);
  if (name === undefined || !existing.includes(name)) return evacuation;
  const frozen = join((await openEvacuationDirectory(root, name)).path, 'plan.yaml');
  return existsSync(frozen) ? frozen : evacuation;
}
