import { identifier } from '../../../remote/sql/quote.ts';
import type { Column } from '../../catalog/types.ts';
import { dropPhase } from '../collector.ts';
import { addColumn, dropColumn } from '../script/column.ts';
import { both, columnExists, columnIs, computedIs, either, not } from '../script/done.ts';
import { nameText } from '../script/names.ts';
import { paired, sameExpression } from '../text.ts';
import { addMissing, emptyRows, makeAgain } from './column-adding.ts';
import { alterDifferent } from './column-altering.ts';
import { dropExtra } from './column-extra.ts';
import { boundBy, canSpare, goalsIn, hasAll, namedIn, subjectOf, type TableScene } from './table-scene.ts';

/** Columns of a table on both sides; fills `moving` and `present` of the scene. */
export function compareColumns(scene: TableScene): void {
  const { source, copy, keyOf } = scene;
  for (const column of copy.columns) scene.present.add(keyOf(column.name));
  const columns = paired(source.columns, copy.columns, column => keyOf(column.name));
  // Computed columns last: they are made of the others.
  for (const isComputed of [false, true]) {
    for (const [wanted, found] of columns.both)
      if ((wanted.computed !== undefined) === isComputed) compareColumn(scene, wanted, found);
    for (const wanted of columns.onlyLeft)
      if ((wanted.computed !== undefined) === isComputed) addMissing(scene, wanted);
  }
  for (const found of columns.onlyRight) dropExtra(scene, found);
  remakeComputed(scene, columns.both);
  noteOrder(scene, columns.both);
}

/** Computed columns step aside while a column that they name is altered. */
function remakeComputed(scene: TableScene, columns: readonly (readonly [Column, Column])[]): void {
  const { to, copy } = scene;
  for (const [wanted, found] of columns) {
    if (found.computed === undefined || scene.moving.has(scene.keyOf(found.name))) continue;
    const goals = goalsIn(scene, found.computed.definition, true);
    if (goals.length === 0) continue;
    const subject = subjectOf(scene, wanted.name);
    const goal = both(...goals);
    scene.moving.set(scene.keyOf(found.name), {
      how: 'drop',
      goal: both(goal, columnExists(copy, found.name)),
    });
    to.change({
      ...{ phase: dropPhase(found), kind: 'column', subject },
      title: `drop the computed column ${subject} while its columns are altered`,
      text: dropColumn(copy, found.name),
      done: either(not(columnExists(copy, found.name)), goal),
    });
    to.change({
      ...{
        phase: 'computed-column',
        kind: 'column',
        subject,
        title: `make the computed column ${subject} again`,
      },
      text: addColumn(copy, wanted),
      done: columnExists(copy, wanted.name),
    });
  }
}

function compareColumn(scene: TableScene, wanted: Column, found: Column): void {
  if (isSpecial(wanted) || isSpecial(found)) {
    scene.refused.add(scene.keyOf(wanted.name));
    if (specialOf(wanted) === specialOf(found)) return;
    scene.to.item({
      ...{ kind: 'column', subject: subjectOf(scene, wanted.name), severity: 'blocker', aligned: false },
      what: `is ${specialOf(wanted)} on production and ${specialOf(found)} on the copy: no script may change that`,
    });
  } else if (isMade(wanted) || isMade(found)) compareMade(scene, wanted, found);
  else if ((wanted.identity === undefined) !== (found.identity === undefined))
    identityDiffers(scene, wanted, found);
  else {
    noteNumbering(scene, wanted, found);
    alterDifferent(scene, wanted, found);
  }
}

/** Made by the server from other columns or by itself: nothing is lost when it is made again. */
const isMade = (column: Column): boolean => column.computed !== undefined || column.type === 'timestamp';

const isSpecial = (column: Column): boolean =>
  column.generated !== undefined || column.encryption !== undefined || column.columnSet;

const specialOf = (column: Column): string =>
  column.generated !== undefined
    ? `a period column (${column.generated})`
    : column.encryption !== undefined
      ? `encrypted (${column.encryption})`
      : column.columnSet
        ? 'a column set'
        : 'an ordinary column';

const madeWords = (column: Column): string =>
  column.computed === undefined
    ? column.type === 'timestamp'
      ? 'a rowversion'
      : 'kept'
    : `computed ${column.computed.persisted ? 'and persisted ' : ''}as ${column.computed.definition}`;

function compareMade(scene: TableScene, wanted: Column, found: Column): void {
  const isSame =
    (wanted.type === 'timestamp') === (found.type === 'timestamp') &&
    sameExpression(wanted.computed?.definition, found.computed?.definition) &&
    wanted.computed?.persisted === found.computed?.persisted;
  if (isSame) return;
  const { to, copy } = scene;
  const subject = subjectOf(scene, wanted.name);
  const isBlocking = isMade(wanted) !== isMade(found);
  const what = `is ${madeWords(wanted)} on production and ${madeWords(found)} on the copy`;
  const severity = isBlocking ? 'blocker' : 'warning';
  if (!isMade(wanted)) {
    const aligned = makeAgain(scene, wanted, found);
    if (!aligned) scene.refused.add(scene.keyOf(wanted.name));
    to.item({ kind: 'column', subject, severity, what, aligned });
    return;
  }
  const hindrance = hinders(scene, wanted, found);
  to.item({
    ...{ kind: 'column', subject, severity, aligned: hindrance === undefined },
    what: hindrance === undefined ? what : `${what}; ${hindrance}`,
  });
  if (hindrance !== undefined) {
    scene.refused.add(scene.keyOf(wanted.name));
    return;
  }
  const goal = wanted.computed === undefined ? columnIs(copy, wanted) : computedIs(copy, wanted, found);
  scene.moving.set(scene.keyOf(wanted.name), { how: 'drop', goal });
  to.change({
    ...{
      phase: dropPhase(found),
      kind: 'column',
      subject,
      title: `drop the column ${subject}, to make it again`,
    },
    text: dropColumn(copy, found.name),
    done: `${not(columnExists(copy, found.name))} OR ${goal}`,
  });
  to.change({
    ...{
      phase: 'computed-column',
      kind: 'column',
      subject,
      title: `make the column ${subject} as production has it`,
    },
    text: addColumn(copy, wanted),
    done: both(columnExists(copy, wanted.name), goal),
  });
}

/** Values of the copy are nobody's to throw away, and an expression needs its columns. */
function hinders(scene: TableScene, wanted: Column, found: Column): string | undefined {
  const bound = boundBy(scene, found.name);
  if (bound !== undefined) return `${bound} is bound to it: drop it there first`;
  if (!canSpare(scene, found.name)) return 'it is the only column with values';
  if (wanted.computed !== undefined && !hasAll(scene, namedIn(scene, wanted.computed.definition)))
    return 'a column that it names stays different';
  const rows = `SELECT * FROM ${nameText(scene.copy)} WHERE ${identifier(found.name)} IS NOT NULL`;
  const isEmpty =
    isMade(found) || scene.to.fits({ id: `${subjectOf(scene, wanted.name)} has no values`, rows });
  return isEmpty ? undefined : `its values would be lost: ${rows}`;
}

function identityDiffers(scene: TableScene, wanted: Column, found: Column): void {
  const subject = subjectOf(scene, wanted.name);
  const rows = emptyRows(scene);
  const isEmpty = scene.to.fits({ id: `${subjectOf(scene)} is empty`, rows });
  const what =
    wanted.identity === undefined
      ? 'is an identity on the copy and none on production: replicated rows would be refused'
      : 'is an identity on production and none on the copy: new rows would get no number after the hand-over';
  const severity = wanted.identity === undefined ? 'blocker' : 'warning';
  const aligned = isEmpty && makeAgain(scene, wanted, found, rows);
  if (!aligned) scene.refused.add(scene.keyOf(wanted.name));
  scene.to.item({
    ...{ kind: 'column', subject, severity, aligned },
    what: aligned
      ? what
      : `${what}; SQL Server cannot change that under rows: move them by hand (${rows}), or take a lane that restores production`,
  });
}

function noteNumbering(scene: TableScene, wanted: Column, found: Column): void {
  const { to } = scene;
  const item = (what: string): void =>
    to.item({
      ...{ kind: 'column', subject: subjectOf(scene, wanted.name), severity: 'note', aligned: false },
      what,
    });
  if (wanted.identity !== undefined && wanted.identity.increment !== found.identity?.increment)
    item(
      `counts by ${wanted.identity.increment} on production and by ${found.identity?.increment ?? '?'} on the copy`,
    );
  if (wanted.rowGuid !== found.rowGuid)
    item(`is ROWGUIDCOL on ${wanted.rowGuid ? 'production' : 'the copy'} only`);
  if (wanted.sparse !== found.sparse)
    item(`is sparse on ${wanted.sparse ? 'production' : 'the copy'} only: stored otherwise, the same values`);
}

/** Only SELECT * and INSERT without names see it. */
function noteOrder(scene: TableScene, columns: readonly (readonly [Column, Column])[]): void {
  const order = columns.map(([, found]) => found.id);
  if (order.every((id, place) => place === 0 || id > (order[place - 1] ?? 0))) return;
  scene.to.item({
    ...{ kind: 'table', subject: subjectOf(scene), severity: 'note', aligned: false },
    what: `its columns have another order on the copy: SELECT * FROM ${nameText(scene.copy)} shows it`,
  });
}
