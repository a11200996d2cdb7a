import { homeFacts } from '../checklist/index.ts';
import { failbackPlan } from '../plan/failback.ts';
import type { Deed } from './deed.ts';

/** Where the way home is kept, below the logs of the evacuation. */
const KEPT = 'failback.yaml';

/** The plan of the way home, as things stand at the end of this cutover, kept with the evacuation. */
export const failbackDeed = (): Deed => ({
  preview: () => [],
  done: async () => false,
  async run(context) {
    const { plan, state, planText, evacuation } = context;
    const anew = `written anew at any time: landfall failback ${evacuation}`;
    if (planText === undefined) return [anew];
    const text = failbackPlan({ text: planText, facts: homeFacts(plan, state) });
    await context.keepLog(KEPT, Buffer.from(text, 'utf8'));
    const open = text.split('\n').filter(line => /# (?:CHECK|FILL IN)/.test(line)).length;
    return [`kept as logs/${KEPT}: ${open} lines of it say CHECK or FILL IN`, anew];
  },
});
