import { get } from '../journal/maps.ts';
import type { View } from '../step/step.ts';

/** Why no scheduled pass of the machine begins now, in words; undefined where nothing holds it. */
export function heldBack({ state }: View, machine: string): string | undefined {
  const { evacuation } = state;
  const paused = evacuation?.paused ?? get(state.machines, machine)?.paused;
  if (paused !== undefined) return `paused by ${paused.by}`;
  if (evacuation?.held?.includes('sync') === true) return 'waits for approval of sync';
  const mode = evacuation?.mode;
  if (mode?.mode === 'dark') return 'dark: nothing is asked of the source';
  if (mode?.mode === 'last-call') return 'the last call was made';
  if (mode?.mode === 'squeeze' && mode.saved?.includes(machine) !== true)
    return 'not among those that triage saves';
  const cared = get(state.machines, machine)?.cared;
  return cared?.act === 'stop' ? `stopped for the sake of production: ${cared.why}` : undefined;
}

/**
 * True where only care for the source holds it back. What has ended with that may be over long since, and nobody but an engine
 * that runs looks at the source again.
 */
export function isSparedOnly({ plan, state }: View, machine: string): boolean {
  const known = get(state.machines, machine);
  if (known?.cared?.act !== 'stop') return false;
  const { cared: _spared, ...rest } = known;
  return (
    heldBack({ plan, state: { ...state, machines: { ...state.machines, [machine]: rest } } }, machine) ===
    undefined
  );
}
