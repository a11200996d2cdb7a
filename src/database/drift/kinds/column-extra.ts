import { identifier } from '../../../remote/sql/quote.ts';
import type { Column } from '../../catalog/types.ts';
import { dropPhase, guarded } from '../collector.ts';
import { alterColumn, dropColumn } from '../script/column.ts';
import { columnExists, columnIs, not } from '../script/done.ts';
import { nameText } from '../script/names.ts';
import { boundBy, canSpare, subjectOf, type TableScene } from './table-scene.ts';

/** The copy has a column of its own: it goes where it is empty, and must not refuse rows where it stays. */
export function dropExtra(scene: TableScene, found: Column): void {
  const { to, copy } = scene;
  const subject = subjectOf(scene, found.name);
  const refuses =
    !found.nullable &&
    found.default === undefined &&
    found.identity === undefined &&
    found.computed === undefined &&
    found.type !== 'timestamp';
  const severity = refuses ? 'blocker' : 'warning';
  const item = (what: string, aligned: boolean): void =>
    to.item({ kind: 'column', subject, severity, what, aligned });
  const bound = boundBy(scene, found.name);
  if (found.generated !== undefined || bound !== undefined) {
    item(
      `is on the copy only; ${bound === undefined ? 'it belongs to a period' : `${bound} is bound to it`}: drop it by hand`,
      false,
    );
    return;
  }

  const isMade = found.computed !== undefined || found.type === 'timestamp';
  const rows = `SELECT * FROM ${nameText(copy)} WHERE ${identifier(found.name)} IS NOT NULL`;
  if (canSpare(scene, found.name) && (isMade || to.fits({ id: `${subject} has no values`, rows }))) {
    item('is on the copy only', true);
    const goal = not(columnExists(copy, found.name));
    scene.moving.set(scene.keyOf(found.name), { how: 'drop', goal });
    scene.present.delete(scene.keyOf(found.name));
    const drop = dropColumn(copy, found.name);
    to.change({
      ...{ phase: dropPhase(found), kind: 'column', subject, title: `drop the column ${subject}` },
      text: isMade ? drop : guarded(rows, `${subject} has values: not dropped`, drop),
      done: goal,
    });
    return;
  }
  if (!refuses) {
    item(`is on the copy only and has values, so it stays and takes none: ${rows}`, false);
    return;
  }
  item(
    `is on the copy only, has values, and takes no row without one: it stays and may be NULL (${rows})`,
    true,
  );
  const relaxed = { ...found, nullable: true };
  const goal = columnIs(copy, relaxed);
  scene.moving.set(scene.keyOf(found.name), { how: 'rewrite', goal });
  to.change({
    ...{ phase: 'alter-column', kind: 'column', subject, title: `let the column ${subject} be NULL` },
    text: alterColumn(copy, relaxed),
    done: goal,
  });
}
