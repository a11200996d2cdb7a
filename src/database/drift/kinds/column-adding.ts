import { identifier } from '../../../remote/sql/quote.ts';
import type { Column } from '../../catalog/types.ts';
import { dropPhase, guarded } from '../collector.ts';
import { addColumn, dropColumn, dropConstraint, filler } from '../script/column.ts';
import { both, columnExists, columnIs, defaultIs, not } from '../script/done.ts';
import { nameText } from '../script/names.ts';
import { boundBy, canSpare, hasAll, namedIn, subjectOf, type TableScene } from './table-scene.ts';

export const emptyRows = ({ copy }: TableScene): string => `SELECT * FROM ${nameText(copy)}`;

/** The copy lacks a column. */
export function addMissing(scene: TableScene, wanted: Column): void {
  const { to } = scene;
  const subject = subjectOf(scene, wanted.name);
  const isSpecial = wanted.generated !== undefined || wanted.encryption !== undefined || wanted.columnSet;
  const isUnnamed =
    wanted.computed !== undefined && !hasAll(scene, namedIn(scene, wanted.computed.definition));
  const aligned = !isSpecial && !isUnnamed && add(scene, wanted);
  to.item({
    ...{ kind: 'column', subject, severity: 'blocker', aligned },
    what: aligned
      ? 'is missing on the copy'
      : isSpecial
        ? 'is missing on the copy, and no script can add such a column: make it by hand'
        : isUnnamed
          ? 'is missing on the copy, and a column that it names stays different'
          : `is missing on the copy, may not be NULL, and has no value for the rows that are there: ${emptyRows(scene)}`,
  });
  if (aligned) scene.present.add(scene.keyOf(wanted.name));
}

/** A rowversion or a computed column fills itself; so do identities, defaults and NULL. */
const fillsItself = (column: Column): boolean =>
  column.nullable ||
  column.computed !== undefined ||
  column.identity !== undefined ||
  column.default !== undefined ||
  column.type === 'timestamp';

const fillerName = (scene: TableScene, column: Column): string =>
  `landfall_filler_${scene.copy.name}_${column.name}`.slice(0, 120);

/** Adds it at the end; false where rows would need a value that nobody has. */
function add(scene: TableScene, wanted: Column): boolean {
  const { to, copy } = scene;
  const subject = subjectOf(scene, wanted.name);
  const phase = wanted.computed === undefined ? 'add-column' : 'computed-column';
  const change = { phase, kind: 'column', subject, title: `add the column ${subject}` } as const;
  if (fillsItself(wanted)) {
    to.change({ ...change, text: addColumn(copy, wanted), done: columnExists(copy, wanted.name) });
    return true;
  }
  const value = filler(wanted);
  if (value === undefined) {
    if (!to.fits({ id: `${subjectOf(scene)} is empty`, rows: emptyRows(scene) })) return false;
    to.change({ ...change, text: addColumn(copy, wanted), done: columnExists(copy, wanted.name) });
    return true;
  }
  const name = fillerName(scene, wanted);
  const filled = { ...wanted, default: { name, definition: value, systemNamed: false } };
  to.change({
    ...change,
    text: [
      '-- Rows that are there get a value to begin with; reconciling brings the true one.',
      `IF NOT ${columnExists(copy, wanted.name)}`,
      `  ${addColumn(copy, filled)}`,
      `IF ${defaultIs(copy, name)}`,
      `  ${dropConstraint(copy, name)}`,
    ].join('\n'),
    done: both(columnExists(copy, wanted.name), not(defaultIs(copy, name))),
  });
  return true;
}

/**
 * Drops a column that cannot be altered and makes it again, where no row has a value in it. False, and nothing done,
 * where one has.
 */
export function makeAgain(
  scene: TableScene,
  wanted: Column,
  found: Column,
  rows = `SELECT * FROM ${nameText(scene.copy)} WHERE ${identifier(found.name)} IS NOT NULL`,
): boolean {
  const { to, copy } = scene;
  const subject = subjectOf(scene, wanted.name);
  const isServers = found.computed !== undefined || found.type === 'timestamp';
  if (boundBy(scene, found.name) !== undefined || !canSpare(scene, found.name)) return false;
  if (!isServers && !to.fits({ id: `${subject} has no values`, rows })) return false;
  const again = columnIs(copy, wanted);
  // Type alone does not tell an identity or a computed column from an ordinary one.
  const goal = both(
    again,
    `COLUMNPROPERTY(OBJECT_ID(N'${nameText(copy).replaceAll("'", "''")}'), N'${found.name.replaceAll("'", "''")}', 'IsIdentity') = ${wanted.identity === undefined ? 0 : 1}`,
    `COLUMNPROPERTY(OBJECT_ID(N'${nameText(copy).replaceAll("'", "''")}'), N'${found.name.replaceAll("'", "''")}', 'IsComputed') = 0`,
  );
  if (!add(scene, wanted)) return false;
  scene.moving.set(scene.keyOf(wanted.name), { how: 'drop', goal });
  const drop = dropColumn(copy, found.name);
  to.change({
    ...{
      phase: dropPhase(found),
      kind: 'column',
      subject,
      title: `drop the column ${subject}, to make it again`,
    },
    text: isServers ? drop : guarded(rows, `${subject} has values: not dropped`, drop),
    done: `${not(columnExists(copy, found.name))} OR (${goal})`,
  });
  return true;
}
