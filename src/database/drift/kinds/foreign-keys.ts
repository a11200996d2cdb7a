import type { ForeignKey } from '../../catalog/types.ts';
import { dropConstraint } from '../script/column.ts';
import { addForeignKey, switchConstraint } from '../script/constraint.ts';
import { both, constraintState, either, foreignKeyExists, foreignKeyIs, not } from '../script/done.ts';
import { matched, paired, shown } from '../text.ts';
import { goalsOf, hasAll, subjectOf, type TableScene } from './table-scene.ts';

/**
 * Foreign keys of a table on both sides. Runs when the columns and keys of every table are known to move or to stay.
 *
 * @param sceneOf the scene of the table that a key refers to, as the copy has it; undefined where the copy will have none
 */
export function compareForeignKeys(
  scene: TableScene,
  sceneOf: (name: ForeignKey['references']) => TableScene | undefined,
): void {
  const { to, source, copy, keyOf, isNew } = scene;
  const named = paired(source.foreignKeys, copy.foreignKeys, key => keyOf(key.name));
  const keys = matched(named, (left, right) => sameKey(scene, left, right));
  for (const found of keys.onlyRight) {
    to.item({
      ...{ kind: 'foreign-key', subject: subjectOf(scene, found.name), severity: 'warning', aligned: true },
      what: `${words(found)} is on the copy only: it could refuse rows of production`,
    });
    drop(scene, found, not(foreignKeyExists(copy, found.name)));
  }
  for (const [wanted, found] of keys.renamed) {
    const subject = subjectOf(scene, wanted.name);
    to.item({
      ...{ kind: 'foreign-key', subject, severity: 'note', aligned: true },
      what: `is called ${found.name} on the copy: a later change of production's schema would not find it`,
    });
    // Dropped and added rather than renamed: the key may have to step aside, too.
    drop(scene, found, not(foreignKeyExists(copy, found.name)));
    add(scene, wanted);
  }
  for (const [wanted, found] of keys.both)
    compareKey(scene, wanted, found, { old: sceneOf(found.references), next: sceneOf(wanted.references) });
  for (const wanted of keys.onlyLeft) {
    const possible = isPossible(scene, wanted, sceneOf(wanted.references));
    if (!isNew || !possible)
      to.item({
        ...{
          kind: 'foreign-key',
          subject: subjectOf(scene, wanted.name),
          severity: 'warning',
          aligned: possible,
        },
        what: `${words(wanted)} is missing on the copy${possible ? '' : ', which lacks a column or the table that it needs'}`,
      });
    if (possible) add(scene, wanted);
  }
}

/** Both sides will have the columns alike, and the other table a key on them. */
function isPossible(scene: TableScene, wanted: ForeignKey, target: TableScene | undefined): boolean {
  if (target === undefined || !hasAll(scene, wanted.columns)) return false;
  if (!hasAll(target, wanted.referencedColumns)) return false;
  const columns = new Set(wanted.referencedColumns.map(target.keyOf));
  return target.source.indexes.some(index => {
    const keys = index.columns.filter(column => !column.included);
    return (
      index.unique &&
      !target.refusedKeys.has(target.keyOf(index.name)) &&
      keys.length === columns.size &&
      keys.every(key => columns.has(target.keyOf(key.name)))
    );
  });
}

const words = (key: ForeignKey): string =>
  `(${key.columns.join(', ')}) to ${shown(key.references)} (${key.referencedColumns.join(', ')})`;

function sameKey({ keyOf }: TableScene, left: ForeignKey, right: ForeignKey): boolean {
  const text = (key: ForeignKey): string =>
    JSON.stringify([
      keyOf(shown(key.references)),
      key.columns.map(keyOf),
      key.referencedColumns.map(keyOf),
      ...[key.onDelete, key.onUpdate, key.notForReplication],
    ]);
  return text(left) === text(right);
}

function compareKey(
  scene: TableScene,
  wanted: ForeignKey,
  found: ForeignKey,
  target: { readonly old: TableScene | undefined; readonly next: TableScene | undefined },
): void {
  const { to, copy } = scene;
  const subject = subjectOf(scene, wanted.name);
  const goals = [
    ...goalsOf(scene, found.columns, true),
    ...(target.old === undefined ? [] : targetGoals(target.old, found)),
  ];
  if (!sameKey(scene, wanted, found) && !isPossible(scene, wanted, target.next)) {
    to.item({
      ...{ kind: 'foreign-key', subject, severity: 'warning', aligned: false },
      what: `${words(wanted)} on production, ${words(found)} on the copy, which lacks what it needs`,
    });
    if (goals.length === 0) return;
    drop(scene, found, either(not(foreignKeyExists(copy, found.name)), both(...goals)));
    add(scene, found);
  } else if (!sameKey(scene, wanted, found)) {
    to.item({
      ...{ kind: 'foreign-key', subject, severity: 'warning', aligned: true },
      what: `${words(wanted)} ${actions(wanted)} on production, ${words(found)} ${actions(found)} on the copy`,
    });
    drop(
      scene,
      found,
      either(not(foreignKeyExists(copy, found.name)), both(foreignKeyIs(copy, wanted), ...goals)),
    );
    add(scene, wanted);
  } else if (goals.length > 0) {
    drop(scene, found, either(not(foreignKeyExists(copy, found.name)), both(...goals)));
    add(scene, wanted);
  } else {
    if (wanted.disabled !== found.disabled)
      to.item({
        ...{ kind: 'foreign-key', subject, severity: 'note', aligned: true },
        what: found.disabled ? 'is disabled on the copy' : 'is disabled on production only',
      });
    else if (wanted.trusted && !found.trusted)
      to.item({
        ...{ kind: 'foreign-key', subject, severity: 'note', aligned: false },
        what: 'is not trusted on the copy: the hand-over checks its rows',
      });
    switchState(scene, wanted, found.disabled);
  }
}

const actions = ({ onDelete, onUpdate }: ForeignKey): string => `[delete ${onDelete}, update ${onUpdate}]`;

/** The key that it refers to, or a column of that key, moves. */
function targetGoals(target: TableScene, { referencedColumns }: ForeignKey): string[] {
  const wanted = new Set(referencedColumns.map(target.keyOf));
  const dropped = target.droppedKeys.filter(
    ({ columns }) =>
      columns.length === wanted.size && columns.every(column => wanted.has(target.keyOf(column))),
  );
  return [...goalsOf(target, referencedColumns, true), ...dropped.map(each => each.goal)];
}

function drop(scene: TableScene, found: ForeignKey, done: string): void {
  const subject = subjectOf(scene, found.name);
  scene.to.change({
    ...{ phase: 'drop-foreign-key', kind: 'foreign-key', subject, title: `drop the foreign key ${subject}` },
    text: dropConstraint(scene.copy, found.name),
    done,
  });
}

function add(scene: TableScene, wanted: ForeignKey): void {
  const subject = subjectOf(scene, wanted.name);
  scene.to.change({
    ...{ phase: 'foreign-key', kind: 'foreign-key', subject, title: `make the foreign key ${subject}` },
    text: addForeignKey(scene.copy, wanted),
    done: foreignKeyIs(scene.copy, wanted),
  });
  switchState(scene, wanted, false);
}

function switchState(scene: TableScene, wanted: ForeignKey, isDisabled: boolean): void {
  if (wanted.disabled === isDisabled) return;
  const subject = subjectOf(scene, wanted.name);
  scene.to.change({
    ...{ phase: 'state', kind: 'foreign-key', subject },
    title: `${wanted.disabled ? 'disable' : 'enable'} the foreign key ${subject}`,
    text: switchConstraint(scene.copy, wanted.name, wanted.disabled),
    done: constraintState('foreign_keys', scene.copy, wanted.name, wanted.disabled),
  });
}
