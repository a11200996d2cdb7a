import { join } from 'node:path';
import type { EvacuationDirectory } from '../../journal/directory.ts';
import { parsePlan } from '../../plan/load.ts';
import { readPlan } from '../../plan/read.ts';
import type { Plan } from '../../plan/schema.ts';

/** The plan that an evacuation follows, as it was frozen; `accepted` is the hash that its journal names. */
export async function planInForce(
  directory: EvacuationDirectory,
  accepted: string | undefined,
  now: number,
): Promise<Plan> {
  const frozen = await directory.frozenPlan(accepted);
  const file = join(directory.path, 'plan.yaml');
  const result = parsePlan(frozen.text, { file, now, running: true });
  // It was sound when it was frozen; what is wrong with it now is worth the full story.
  return result.ok ? result.plan : (await readPlan(file, now, { running: true })).plan;
}
