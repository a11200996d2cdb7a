import type { Trigger } from '../../catalog/types.ts';
import { switchTrigger } from '../script/constraint.ts';
import { moduleIs, not, objectExists, triggerState } from '../script/done.ts';
import { afterVerb, moduleBatch, sameDefinition } from '../script/module.ts';
import { nameText } from '../script/names.ts';
import { paired } from '../text.ts';
import { subjectOf, type TableScene } from './table-scene.ts';

/** Triggers of a table on both sides: a trigger of the copy's own would write rows that production never had. */
export function compareTriggers(scene: TableScene): void {
  const { to, source, copy, keyOf, isNew } = scene;
  const triggers = paired(source.triggers, copy.triggers, trigger => keyOf(trigger.name));
  for (const found of triggers.onlyRight) {
    const subject = subjectOf(scene, found.name);
    const canDrop = found.definition !== undefined;
    to.item({
      ...{ kind: 'trigger', subject, severity: 'warning', aligned: canDrop },
      what: canDrop
        ? 'is on the copy only'
        : 'is on the copy only, and its text cannot be read: disable it by hand',
    });
    if (!canDrop) continue;
    const name = { schema: copy.schema, name: found.name };
    to.change({
      ...{ phase: 'drop-trigger', kind: 'trigger', subject, title: `drop the trigger ${subject}` },
      text: `DROP TRIGGER ${nameText(name)};`,
      done: not(objectExists(name)),
    });
  }
  for (const [wanted, found] of triggers.both) compareTrigger(scene, wanted, found);
  for (const wanted of triggers.onlyLeft) {
    const canMake = isReadable(wanted);
    if (!isNew || !canMake)
      to.item({
        ...{ kind: 'trigger', subject: subjectOf(scene, wanted.name), severity: 'warning', aligned: canMake },
        what: canMake ? 'is missing on the copy' : 'is missing on the copy, and its text cannot be read',
      });
    if (!canMake) continue;
    make(scene, wanted, 'CREATE');
    switchState(scene, wanted, false);
  }
}

const isReadable = ({ definition }: Trigger): boolean =>
  definition !== undefined && afterVerb(definition) !== undefined;

function compareTrigger(scene: TableScene, wanted: Trigger, found: Trigger): void {
  const { to } = scene;
  const subject = subjectOf(scene, wanted.name);
  const isSame =
    (wanted.definition === undefined && found.definition === undefined) ||
    (sameDefinition(wanted.definition, found.definition) &&
      wanted.ansiNulls === found.ansiNulls &&
      wanted.quotedIdentifier === found.quotedIdentifier);
  if (!isSame) {
    const aligned = isReadable(wanted);
    to.item({
      ...{ kind: 'trigger', subject, severity: 'warning', aligned },
      what: aligned ? 'differs on the copy' : 'differs on the copy, and its text cannot be read',
    });
    if (aligned) make(scene, wanted, 'ALTER');
  }
  if (wanted.disabled !== found.disabled)
    to.item({
      ...{ kind: 'trigger', subject, severity: 'note', aligned: true },
      what: found.disabled ? 'is disabled on the copy' : 'is disabled on production only',
    });
  switchState(scene, wanted, found.disabled);
}

function make(scene: TableScene, wanted: Trigger, verb: 'CREATE' | 'ALTER'): void {
  const subject = subjectOf(scene, wanted.name);
  scene.to.change({
    ...{ phase: 'trigger', kind: 'trigger', subject },
    title: `${verb === 'ALTER' ? 'alter' : 'make'} the trigger ${subject}`,
    text: moduleBatch(wanted, verb),
    done: moduleIs({ schema: scene.copy.schema, name: wanted.name }, wanted),
  });
}

function switchState(scene: TableScene, wanted: Trigger, isDisabled: boolean): void {
  if (wanted.disabled === isDisabled) return;
  const subject = subjectOf(scene, wanted.name);
  scene.to.change({
    ...{ phase: 'state', kind: 'trigger', subject },
    title: `${wanted.disabled ? 'disable' : 'enable'} the trigger ${subject}`,
    text: switchTrigger(scene.copy, wanted.name, wanted.disabled),
    done: triggerState(scene.copy, wanted.name, wanted.disabled),
  });
}
