import type { State, StepState } from '../journal/state.ts';

/** The steps that are under way or have failed. By keys: that is three times as fast as Object.values with thousands. */
export function openSteps(steps: State['steps']): StepState[] {
  const open: StepState[] = [];
  for (const id of Object.keys(steps)) {
    const step = steps[id];
    if (step !== undefined && step.status !== 'done' && step.status !== 'cancelled') open.push(step);
  }
  return open;
}

/** The subjects of the steps that are under way: machines, and hypervisors beside them. */
export function runningSubjects(steps: State['steps']): ReadonlySet<string> {
  const running = openSteps(steps).filter(step => step.status !== 'failed');
  return new Set(running.map(step => subjectOfStep(step.id)));
}

/** `build/web1/replica` is about web1; `inventory/web1` too. */
export function subjectOfStep(id: string): string {
  const from = id.indexOf('/') + 1;
  const to = id.indexOf('/', from);
  return id.slice(from, to < 0 ? undefined : to);
}
