import { identifier, literal, qualified } from '../../../remote/sql/quote.ts';
import type { Index } from '../../catalog/types.ts';
import { both, either, indexExists, indexIs, not } from '../script/done.ts';
import { createIndex, dropIndex, isConstraint, isScriptable } from '../script/index.ts';
import { nameText } from '../script/names.ts';
import { matched, paired, sameExpression } from '../text.ts';
import { canIndex, goalsIn, goalsOf, subjectOf, type TableScene } from './table-scene.ts';

/** Keys and indexes of a table on both sides. Runs when its columns are known to move or to stay. */
export function compareIndexes(scene: TableScene): void {
  const { source, copy, keyOf } = scene;
  const named = paired(source.indexes, copy.indexes, index => keyOf(index.name));
  const indexes = matched(named, (left, right) => sameIndex(scene, left, right));
  // What is extra goes first: a table has one clustered index, and one key.
  for (const found of indexes.onlyRight) dropExtra(scene, found);
  for (const [wanted, found] of indexes.renamed) rename(scene, wanted, found);
  for (const [wanted, found] of indexes.both) compareIndex(scene, wanted, found);
  for (const wanted of indexes.onlyLeft) addMissing(scene, wanted);
}

const sameIndex = ({ keyOf }: TableScene, left: Index, right: Index): boolean =>
  left.kind === right.kind &&
  left.unique === right.unique &&
  left.primaryKey === right.primaryKey &&
  left.uniqueConstraint === right.uniqueConstraint &&
  left.ignoreDuplicates === right.ignoreDuplicates &&
  sameExpression(left.filter, right.filter) &&
  columnsText(left, keyOf) === columnsText(right, keyOf);

/** Included columns have no order. */
function columnsText(index: Index, keyOf: (name: string) => string): string {
  const keys = index.columns.filter(column => !column.included);
  const included = index.columns.filter(column => column.included).map(column => keyOf(column.name));
  return JSON.stringify([keys.map(column => [keyOf(column.name), column.descending]), included.sort()]);
}

const kindOf = (index: Index): 'key' | 'index' => (isConstraint(index) ? 'key' : 'index');

const words = (index: Index): string =>
  `${index.primaryKey ? 'the primary key' : index.uniqueConstraint ? 'the unique key' : `the ${index.unique ? 'unique ' : ''}index`} on ${index.columns
    .filter(column => !column.included)
    .map(column => column.name)
    .join(', ')}`;

function compareIndex(scene: TableScene, wanted: Index, found: Index): void {
  const { to } = scene;
  const subject = subjectOf(scene, wanted.name);
  if (!sameIndex(scene, wanted, found)) {
    const canCreate = isCreatable(scene, wanted, found);
    const hinders = found.unique && !wanted.unique;
    to.item({
      ...{ kind: kindOf(wanted), subject, severity: hinders || wanted.primaryKey ? 'blocker' : 'warning' },
      what: canCreate.possible
        ? `is ${words(wanted)} on production and ${words(found)} on the copy`
        : `differs on the copy; ${canCreate.why}`,
      aligned: canCreate.possible,
    });
    const goals = movedUnder(scene, found);
    if (canCreate.possible) replace(scene, wanted, found, []);
    else {
      scene.refusedKeys.add(scene.keyOf(wanted.name));
      // It stays as it is, and still has to let its columns move.
      if (goals.length > 0) replace(scene, found, found, goals);
    }
    return;
  }
  const goals = movedUnder(scene, found);
  if (goals.length > 0) replace(scene, wanted, found, goals);
  else if (found.disabled && !wanted.disabled) {
    enable(scene, wanted, found);
  } else if (wanted.disabled !== found.disabled)
    to.item({
      ...{ kind: kindOf(wanted), subject, severity: 'note', aligned: false },
      what: 'is disabled on production only',
    });
}

/** A unique index that is disabled may be held so while rows are brought: its state, not its shape. */
function enable(scene: TableScene, wanted: Index, found: Index): void {
  const { to, copy } = scene;
  const subject = subjectOf(scene, wanted.name);
  const canEnable = isCreatable(scene, wanted);
  to.item({
    ...{ kind: kindOf(wanted), subject, severity: wanted.primaryKey ? 'blocker' : 'warning' },
    what: canEnable.possible ? 'is disabled on the copy' : `is disabled on the copy; ${canEnable.why}`,
    aligned: canEnable.possible,
  });
  if (!canEnable.possible) return;
  to.change({
    phase: wanted.primaryKey ? 'key' : 'state',
    ...{ kind: kindOf(wanted), subject, title: `enable ${subject}, ${words(wanted)}` },
    text: `ALTER INDEX ${identifier(found.name)} ON ${nameText(copy)} REBUILD;`,
    done: `INDEXPROPERTY(OBJECT_ID(${literal(nameText(copy))}), ${literal(found.name)}, 'IsDisabled') = 0`,
  });
}

/** What brings the columns back that move under it. */
const movedUnder = (scene: TableScene, found: Index): string[] => [
  ...goalsOf(
    scene,
    found.columns.map(column => column.name),
    found.primaryKey,
  ),
  ...(found.filter === undefined ? [] : goalsIn(scene, found.filter)),
];

/** Drops and makes it again: because it is to be another, or because its columns move under it. */
function replace(scene: TableScene, wanted: Index, found: Index, goals: readonly string[]): void {
  const { to, copy } = scene;
  const subject = subjectOf(scene, wanted.name);
  const isWanted = indexIs(copy, wanted, goals.length > 0 ? undefined : found);
  const goal = goals.length > 0 ? both(...goals) : isWanted;
  drop(scene, found, goal, either(not(indexExists(copy, found.name)), goal));
  to.change({
    ...{
      phase: kindOf(wanted),
      kind: kindOf(wanted),
      subject,
      title: `make ${subject}, ${words(wanted)}, again`,
    },
    text: createIndex(copy, wanted),
    done: isWanted,
  });
}

function drop(scene: TableScene, found: Index, goal: string, done: string): void {
  const { to, copy } = scene;
  const subject = subjectOf(scene, found.name);
  if (found.unique)
    scene.droppedKeys.push({
      columns: found.columns.filter(column => !column.included).map(column => column.name),
      goal,
    });
  to.change({
    // What is clustered goes last, so that the others are not built again on the way.
    phase: found.kind.startsWith('CLUSTERED') || found.primaryKey ? 'drop-key' : 'drop-index',
    ...{ kind: kindOf(found), subject, title: `drop ${subject}, ${words(found)}` },
    text: dropIndex(copy, found),
    done,
  });
}

function dropExtra(scene: TableScene, found: Index): void {
  const hinders = found.unique;
  scene.to.item({
    ...{ kind: kindOf(found), subject: subjectOf(scene, found.name), aligned: true },
    severity: hinders ? 'blocker' : 'warning',
    what: `${words(found)} is on the copy only${hinders ? ': it could refuse rows of production' : ''}`,
  });
  const goal = not(indexExists(scene.copy, found.name));
  drop(scene, found, goal, goal);
}

function rename(scene: TableScene, wanted: Index, found: Index): void {
  const { to, copy } = scene;
  const subject = subjectOf(scene, wanted.name);
  to.item({
    ...{ kind: kindOf(wanted), subject, severity: 'note', aligned: true },
    what: `is called ${found.name} on the copy: a later change of production's schema would not find it`,
  });
  const goals = movedUnder(scene, found);
  if (goals.length > 0) {
    replace(scene, wanted, found, goals);
    return;
  }
  const isKey = isConstraint(found);
  const old = isKey ? qualified(copy.schema, found.name) : qualified(copy.schema, copy.name, found.name);
  to.change({
    ...{ phase: 'rename', kind: kindOf(wanted), subject, title: `rename ${found.name} to ${subject}` },
    text: `EXEC sys.sp_rename ${literal(old)}, ${literal(wanted.name)}, N'${isKey ? 'OBJECT' : 'INDEX'}';`,
    done: indexExists(copy, wanted.name),
  });
}

function addMissing(scene: TableScene, wanted: Index): void {
  const { to, copy, isNew } = scene;
  const subject = subjectOf(scene, wanted.name);
  const canCreate = isCreatable(scene, wanted);
  if (!isNew || !canCreate.possible)
    to.item({
      ...{ kind: kindOf(wanted), subject, aligned: canCreate.possible },
      severity: wanted.primaryKey ? 'blocker' : 'warning',
      what: canCreate.possible
        ? `${words(wanted)} is missing on the copy`
        : `${words(wanted)} is missing on the copy; ${canCreate.why}`,
    });
  if (!canCreate.possible) {
    scene.refusedKeys.add(scene.keyOf(wanted.name));
    return;
  }
  to.change({
    ...{ phase: kindOf(wanted), kind: kindOf(wanted), subject, title: `make ${subject}, ${words(wanted)}` },
    text: createIndex(copy, wanted),
    done: indexIs(copy, wanted),
  });
}

type Creatable = { readonly possible: true } | { readonly possible: false; readonly why: string };

/** Uniqueness is asked for of the rows that are there: two alike would refuse the index. */
function isCreatable(scene: TableScene, wanted: Index, instead?: Index): Creatable {
  const { to, copy, isNew } = scene;
  if (!isScriptable(wanted))
    return {
      possible: false,
      why: `an index of the kind ${wanted.kind} has more to it than a catalog tells`,
    };
  const columns = wanted.columns.map(column => column.name);
  if (!canIndex(scene, columns, wanted.primaryKey))
    return { possible: false, why: 'the copy lacks a column of it, or has one that no index takes' };
  const keys = wanted.columns.filter(column => !column.included);
  const wasUnique =
    instead?.unique === true &&
    instead.filter === undefined &&
    instead.columns
      .filter(column => !column.included)
      .every(column => keys.some(key => scene.keyOf(key.name) === scene.keyOf(column.name)));
  if (!wanted.unique || isNew || wasUnique) return { possible: true };
  const isThere = keys.every(key =>
    copy.columns.some(column => scene.keyOf(column.name) === scene.keyOf(key.name)),
  );
  const names = keys.map(key => identifier(key.name)).join(', ');
  const rows = isThere
    ? `SELECT ${names}, COUNT(*) AS [rows] FROM ${nameText(copy)}${wanted.filter === undefined ? '' : ` WHERE ${wanted.filter}`} GROUP BY ${names} HAVING COUNT(*) > 1`
    : `SELECT * FROM ${nameText(copy)}`;
  const unfit = keys.some(key => UNGROUPED.has(typeOf(scene, key.name)));
  if (unfit) return { possible: true };
  return to.fits({ id: `${subjectOf(scene, wanted.name)} is unique`, rows })
    ? { possible: true }
    : { possible: false, why: `rows that are not unique: ${rows}` };
}

/** Types that no index has and that cannot be grouped. */
const UNGROUPED: ReadonlySet<string> = new Set(['text', 'ntext', 'image', 'xml']);
const typeOf = (scene: TableScene, name: string): string =>
  scene.copy.columns.find(column => scene.keyOf(column.name) === scene.keyOf(name))?.type ?? '';
