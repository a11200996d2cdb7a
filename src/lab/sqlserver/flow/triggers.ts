import { schemaName } from '../catalog/find.ts';
import { SqlError } from '../errors.ts';
import { nested } from './driver.ts';
import type { Firing } from './execution.ts';
import { Frame } from './frame.ts';
import { planOfModule } from './plan.ts';
import { runFrame } from './run-frame.ts';
import type { Runtime } from './runtime.ts';

/**
 * Runs a trigger inside the statement that fires it.
 *
 * @throws SqlError 3609 where it has ended the transaction, 3616 where an error in it has doomed it
 */
export async function fireTrigger(runtime: Runtime, firing: Firing): Promise<void> {
  const { state, frame: caller } = runtime;
  const { trigger, database, table } = firing;
  if (!fires(runtime, firing)) return;
  const frame = new Frame({
    kind: 'trigger',
    database,
    level: caller.level + 1,
    parent: caller,
    module: trigger,
    schema: schemaName(runtime.scope.catalogOf(database), trigger.schemaId),
    updatedColumns: firing.updatedColumns,
  });
  frame.rowSets.set('inserted', { table, rows: firing.inserted, readOnly: true });
  frame.rowSets.set('deleted', { table, rows: firing.deleted, readOnly: true });
  const doomedBefore = state.transaction.doomed;
  await nested(state, async () => {
    const { count, descriptor } = state.transaction;
    state.rowCount = Math.max(firing.inserted.length, firing.deleted.length);
    await runFrame(
      state,
      frame,
      () => planOfModule(trigger.module),
      () => {
        state.options.xactAbort = true;
        state.options.quotedIdentifier = trigger.quotedIdentifier;
        state.options.ansiNulls = trigger.ansiNulls;
      },
    );
    if (state.transaction.count < count || state.transaction.descriptor !== descriptor)
      throw new SqlError(3609, 'The transaction ended in the trigger. The batch has been aborted.', {
        endsBatch: true,
      });
    if (state.transaction.doomed && !doomedBefore)
      throw new SqlError(
        3616,
        'An error was raised during trigger execution. The batch has been aborted and the user transaction, if any, has been rolled back.',
        { endsBatch: true, endsTransaction: true },
      );
  });
}

/** Not while disabled, not by itself again, not for a replication agent where it says so. */
function fires(runtime: Runtime, { trigger }: Firing): boolean {
  const { state, frame } = runtime;
  const { definition } = trigger.module;
  if (trigger.disabled || definition.kind !== 'trigger') return false;
  if (state.replication && definition.notForReplication) return false;
  if (definition.insteadOf) return !active(frame, trigger.id);
  const around = nearestTrigger(frame);
  if (!around) return true;
  // RECURSIVE_TRIGGERS is off: a trigger does not fire itself, though it may through another one.
  if (around.module?.id === trigger.id) return false;
  return state.instance.configuration.value('nested triggers') !== 0;
}

function nearestTrigger(frame: Frame): Frame | undefined {
  let each: Frame | undefined = frame;
  while (each && each.kind !== 'trigger') each = each.parent;
  return each;
}

function active(frame: Frame, trigger: number): boolean {
  for (let each: Frame | undefined = frame; each; each = each.parent)
    if (each.module?.id === trigger) return true;
  return false;
}
