import { isTargetBuilt } from '../../step/receiver.ts';
import { PHASES, type View } from '../../step/step.ts';
import { endedPasses, newestEnded, openPass, passUnderWay } from '../copy.ts';
import type { GateFacts } from '../gate.ts';
import type { MachineSubject } from './subject.ts';

/** Checks whose evidence comes by itself while an engine works on the machine. */
const COMES: ReadonlySet<string> = new Set([
  ...['inventory', 'built', 'drift', 'attributes', 'swap-files'],
  ...['first-pass', 'at-rest', 'converged', 'verified', 'verification-recent', 'last-pass-clean'],
  ...['exposure', 'path-key'],
  ...['network', 'standby', 'in-time'],
]);

/**
 * What an engine that works on the machine is about to bring comes first among the remedies of what is unproven: an
 * engineer who is told to begin what runs already would do it twice.
 */
export function withWhatRuns(facts: readonly GateFacts[], subject: MachineSubject, view: View): GateFacts[] {
  const first = firstThing(subject, view);
  if (first === undefined) return [...facts];
  return facts.map(each => {
    if (each.verdict !== 'unproven' || !COMES.has(each.check)) return each;
    const before = typeof each.remedy === 'string' ? [each.remedy] : each.remedy;
    const later = before.filter(step => !step.startsWith('let the pass end')).map(whereNothingRuns);
    return { ...each, remedy: [first, ...later] };
  });
}

/** What the gates of a machine rest on beside its own state: whether an engine may work on it. */
export const courseOf = ({ evacuation }: View['state']): string =>
  [evacuation?.phase, evacuation?.paused === undefined, ...(evacuation?.held ?? [])].join();

function firstThing({ name, machine }: MachineSubject, { plan, state }: View): string | undefined {
  const { evacuation } = state;
  if (evacuation?.phase !== 'running' || machine?.failure !== undefined) return undefined;
  const isBuilt = isTargetBuilt({ plan, state }, name);
  const phase = machine?.observed === undefined ? 'inventory' : isBuilt ? 'sync' : 'build';
  const before = PHASES.slice(0, PHASES.indexOf(phase) + 1);
  const held = before.find(each => evacuation.held?.includes(each) === true);
  if (held !== undefined) return `let it begin: landfall approve ${plan.name} ${held}`;
  if (evacuation.paused !== undefined) return `go on with what is paused: landfall resume ${plan.name}`;
  if (machine?.paused !== undefined) return `go on with what is paused: landfall resume ${plan.name} ${name}`;
  const open = openPass(machine);
  const newest = newestEnded(machine);
  if (machine?.observed === undefined) return 'wait: the inventory comes first';
  if (!isBuilt) return 'wait: the target is being built';
  if (open !== undefined)
    return passUnderWay(machine) === undefined
      ? `wait: pass ${open.pass} was given up, and another mover makes the next one`
      : `wait: pass ${open.pass} is under way`;
  if (endedPasses(machine).length === 0) return 'wait: the first pass comes next';
  if (machine.requested !== undefined) return 'wait: another pass comes next';
  // Nothing comes after a pass that did not help, before somebody has acted.
  const verdict = newest?.judged?.verdict;
  if (verdict === 'not-converging' || verdict === 'exhausted') return undefined;
  if (newest !== undefined && machine.verified?.pass !== newest.pass)
    return `wait: what pass ${newest.pass} brought is still to be judged and compared`;
  return `ask the engine for one more pass: landfall sync ${plan.name} ${name}`;
}

const whereNothingRuns = (step: string): string =>
  /^where nothing is running/.test(step) ? step : `where nothing is running any more: ${step}`;
