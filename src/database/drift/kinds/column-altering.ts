import { identifier } from '../../../remote/sql/quote.ts';
import type { Column } from '../../catalog/types.ts';
import { primaryKey } from '../../catalog/types.ts';
import { guarded } from '../collector.ts';
import { alterColumn } from '../script/column.ts';
import { columnIs } from '../script/done.ts';
import { nameText } from '../script/names.ts';
import { makeAgain } from './column-adding.ts';
import { holdsAll, isAlterable, losing, onlyGrows, sameType, typeWords } from './conversions.ts';
import { boundBy, subjectOf, type TableScene } from './table-scene.ts';

type Severity = 'blocker' | 'warning';

/** Type, length, collation or nullability differ: the copy's column becomes production's where no value is lost. */
export function alterDifferent(scene: TableScene, wanted: Column, found: Column): void {
  const isSame =
    sameType(wanted, found) && wanted.nullable === found.nullable && wanted.collation === found.collation;
  if (isSame) return;
  const subject = subjectOf(scene, wanted.name);
  const what = words(wanted, found);
  const severity = severityOf(scene, wanted, found);
  const bound = boundBy(scene, found.name);
  const refused = (why: string): void => {
    scene.refused.add(scene.keyOf(wanted.name));
    scene.to.item({ kind: 'column', subject, severity, what: `${what}; ${why}`, aligned: false });
  };
  if (bound !== undefined) {
    refused(`${bound} is bound to the schema: drop it there first`);
    return;
  }
  if (!isAlterable(found, wanted)) {
    if (makeAgain(scene, wanted, found))
      scene.to.item({ kind: 'column', subject, severity, what, aligned: true });
    else
      refused(
        `SQL Server cannot change this type under rows that have values, so do it by hand: SELECT * FROM ${nameText(scene.copy)} WHERE ${identifier(found.name)} IS NOT NULL`,
      );
    return;
  }
  const condition = losing(wanted, found);
  const rows =
    condition === undefined ? undefined : `SELECT * FROM ${nameText(scene.copy)} WHERE ${condition}`;
  if (rows !== undefined && !scene.to.fits({ id: `${subject} fits ${typeWords(wanted)}`, rows })) {
    refused(`rows that do not fit: ${rows}`);
    return;
  }
  scene.to.item({ kind: 'column', subject, severity, what, aligned: true });
  const goal = columnIs(scene.copy, wanted);
  scene.moving.set(scene.keyOf(found.name), { how: onlyGrows(wanted, found) ? 'grow' : 'rewrite', goal });
  const statement = alterColumn(scene.copy, { ...wanted, name: found.name });
  scene.to.change({
    ...{ phase: 'alter-column', kind: 'column', subject },
    title: `make the column ${subject} ${typeWords(wanted)}`,
    text:
      rows === undefined
        ? statement
        : guarded(rows, `${subject} has values that do not fit: not altered`, statement),
    done: goal,
  });
}

const words = (wanted: Column, found: Column): string =>
  sameType(wanted, found) && wanted.nullable === found.nullable
    ? `is ${wanted.collation ?? 'without collation'} on production and ${found.collation ?? 'without'} on the copy`
    : `is ${typeWords(wanted)} on production and ${typeWords(found)} on the copy`;

/** Facts 5.1: whatever can refuse a row of production stands in the way; what only takes more does not. */
function severityOf(scene: TableScene, wanted: Column, found: Column): Severity {
  if (!holdsAll(found, wanted)) return 'blocker';
  if (wanted.nullable && !found.nullable) return 'blocker';
  const inKey = primaryKey(scene.source)?.columns.some(
    column => scene.keyOf(column.name) === scene.keyOf(wanted.name),
  );
  return inKey === true && wanted.collation !== found.collation ? 'blocker' : 'warning';
}
