import { homeFacts } from '../checklist/home.ts';
import type { EvacuationDirectory } from '../journal/directory.ts';
import type { State } from '../journal/state.ts';
import type { Plan } from '../plan/schema.ts';

/** The plan of the failback, as plan and journal have it now. */
export async function wayHomeOf(
  directory: Pick<EvacuationDirectory, 'frozenPlan'>,
  plan: Plan,
  state: State,
): Promise<string> {
  const [{ failbackPlan }, { text }] = await Promise.all([
    // Loaded late: it reads the plan as YAML.
    import('../plan/failback.ts'),
    directory.frozenPlan(state.evacuation?.planHash),
  ]);
  return failbackPlan({ text, facts: homeFacts(plan, state) });
}
