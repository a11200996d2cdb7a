import { literal, qualified } from '../../../remote/sql/quote.ts';
import type { Column } from '../../catalog/types.ts';
import { addDefault, dropConstraint } from '../script/column.ts';
import { both, defaultIs, either, not } from '../script/done.ts';
import { paired, sameExpression } from '../text.ts';
import { subjectOf, type TableScene } from './table-scene.ts';

type Default = NonNullable<Column['default']>;

/** Defaults of the columns that both sides have, and of those that leave the copy. */
export function compareDefaults(scene: TableScene): void {
  const { source, copy, keyOf } = scene;
  const columns = paired(source.columns, copy.columns, column => keyOf(column.name));
  for (const [wanted, found] of columns.both)
    if (!scene.refused.has(keyOf(wanted.name))) compareDefault(scene, wanted, found);
  for (const found of columns.onlyRight) {
    const moving = scene.moving.get(keyOf(found.name));
    if (found.default !== undefined && moving !== undefined)
      drop(scene, found.default, not(defaultIs(copy, found.default.name)));
  }
}

function compareDefault(scene: TableScene, wanted: Column, found: Column): void {
  const { to, copy } = scene;
  const subject = subjectOf(scene, wanted.name);
  const old = found.default;
  const next = wanted.default;
  const moving = scene.moving.get(scene.keyOf(wanted.name));
  const isSame = sameExpression(next?.definition, old?.definition);
  const isRenamed = isSame && next !== undefined && next.name !== old?.name;
  if (!isSame)
    to.item({
      ...{ kind: 'default', subject, severity: 'warning', aligned: true },
      what: `${words(next)} on production and ${words(old)} on the copy`,
    });
  else if (isRenamed)
    to.item({
      ...{ kind: 'default', subject, severity: 'note', aligned: true },
      what: `its default is called ${old?.name ?? ''} on the copy and ${next.name} on production: a later change of production's schema would not find it`,
    });
  const isInTheWay = moving !== undefined && moving.how !== 'grow';
  if (isRenamed && !isInTheWay) {
    to.change({
      ...{ phase: 'rename', kind: 'default', subject, title: `rename ${old?.name ?? ''} to ${next.name}` },
      text: `EXEC sys.sp_rename ${literal(qualified(copy.schema, old?.name ?? ''))}, ${literal(next.name)}, N'OBJECT';`,
      done: defaultIs(copy, next.name),
    });
    return;
  }
  if (isSame && !isInTheWay) return;
  const isThere =
    next === undefined ? undefined : defaultIs(copy, next.name, isSame ? undefined : old?.definition);
  if (old !== undefined) {
    const gone = not(defaultIs(copy, old.name));
    const goals = [...(isInTheWay ? [moving.goal] : []), ...(isThere === undefined ? [] : [isThere])];
    // Dropped once, and never again after the column has moved and the new default is in its place.
    drop(scene, old, next === undefined || old.name !== next.name ? gone : either(gone, both(...goals)));
  }
  // A column that is made again comes with its default.
  if (next === undefined || isThere === undefined || moving?.how === 'drop') return;
  to.change({
    ...{ phase: 'default', kind: 'default', subject, title: `make the default of ${subject}` },
    text: addDefault(copy, { ...wanted, name: found.name }).join('\n'),
    done: isThere,
  });
}

const words = (of: Default | undefined): string =>
  of === undefined ? 'has no default' : `has the default ${of.definition}`;

function drop(scene: TableScene, old: Default, done: string): void {
  const subject = subjectOf(scene, old.name);
  scene.to.change({
    ...{ phase: 'drop-default', kind: 'default', subject, title: `drop the default ${subject}` },
    text: dropConstraint(scene.copy, old.name),
    done,
  });
}
