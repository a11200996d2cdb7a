import type { StepContext, View } from '../../step/step.ts';
import type { Keeper } from './keeper.ts';
import type { HookTold, Told } from './keeper-lines.ts';

/** Puts into the journal what the keeper of a pass has told, each thing once. */

export async function journalHooks(
  context: StepContext,
  machine: string,
  pass: number,
  hooks: readonly HookTold[],
): Promise<void> {
  for (const { moment, code, ms, output } of hooks)
    await context.emit({ type: 'hook.ran', machine, pass, moment, code, ms, output: [...output] });
}

/** The hooks of a keeper that was found running, without those that are on record: a crash may have come in between. */
export function missing({ state }: View, machine: string, pass: number, { hooks }: Told): HookTold[] {
  const known = state.machines[machine]?.hooks;
  return hooks.filter(({ moment, code, ms }) => {
    const last = known?.[moment];
    return last?.pass !== pass || last.code !== code || last.ms !== ms;
  });
}

export async function journalTaken(
  context: StepContext,
  machine: string,
  pass: number,
  { parts }: Keeper,
  told: Told,
): Promise<void> {
  for (const [at, part] of parts.entries()) {
    if (part.from !== 'snapshot' || !told.taken.has(at)) continue;
    const { kind, snapshot, mountpoint, path } = part;
    const known = context.state.machines[machine]?.snapshots ?? [];
    if (known.some(each => each.snapshot === snapshot && each.pass === pass)) continue;
    await context.emit({ type: 'snapshot.taken', machine, pass, kind, snapshot, mountpoint, path });
  }
}

/** Those that are gone, with what made one of them useless; what could not be removed stays on record. */
export async function journalRemoved(
  context: StepContext,
  machine: string,
  pass: number,
  { parts }: Keeper,
  told: Told,
): Promise<void> {
  const isStuck = (snapshot: string): boolean => told.stuck.some(line => line.startsWith(`${snapshot} `));
  for (const { snapshot } of context.state.machines[machine]?.snapshots ?? []) {
    const at = parts.findIndex(part => part.from === 'snapshot' && part.snapshot === snapshot);
    if (isStuck(snapshot) || told.full.has(at) || told.failed.has(at)) continue;
    await context.emit({ type: 'snapshot.removed', machine, snapshot });
  }
  for (const [at, part] of parts.entries()) {
    if (part.from !== 'snapshot') continue;
    const why = told.full.has(at) ? 'it ran full' : told.failed.get(at);
    if (why === undefined) continue;
    const { snapshot, mountpoint, size } = part;
    const trouble = { pass, mountpoint, why, size };
    await context.emit({ type: 'snapshot.removed', machine, snapshot, trouble });
  }
}
