import type { Catalog, Module } from '../../catalog/types.ts';
import type { Collector } from '../collector.ts';
import { inOrder } from '../order.ts';
import { moduleIs, not, objectExists } from '../script/done.ts';
import { afterVerb, moduleBatch, moduleWord, sameDefinition } from '../script/module.ts';
import { nameText } from '../script/names.ts';
import { type Keying, mentions, paired, shown } from '../text.ts';

/** Views, procedures and functions on both sides. */
export function compareModules(to: Collector, source: Catalog, copy: Catalog, keyOf: Keying): void {
  const modules = paired(source.modules, copy.modules, module => keyOf(shown(module)));
  for (const found of inOrder(modules.onlyRight).reverse()) dropExtra(to, found);
  const partners = new Map(modules.both.map(([wanted, found]) => [wanted, found]));
  const changed = source.modules.filter(wanted => {
    const found = partners.get(wanted);
    return found === undefined || isDifferent(to, wanted, found);
  });
  for (const wanted of inOrder(changed)) make(to, source, wanted, partners.get(wanted));
}

/** Says so where it cannot be told. */
function isDifferent(to: Collector, wanted: Module, found: Module): boolean {
  if (wanted.definition === undefined && found.definition === undefined) {
    to.item({
      ...{ kind: 'module', subject: shown(wanted), severity: 'note', aligned: false },
      what: 'is encrypted or of an assembly: it cannot be compared',
    });
    return false;
  }
  return (
    wanted.kind !== found.kind ||
    wanted.ansiNulls !== found.ansiNulls ||
    wanted.quotedIdentifier !== found.quotedIdentifier ||
    !sameDefinition(wanted.definition, found.definition)
  );
}

function make(to: Collector, source: Catalog, wanted: Module, found: Module | undefined): void {
  const subject = shown(wanted);
  const word = moduleWord(wanted);
  const canMake =
    word !== undefined && wanted.definition !== undefined && afterVerb(wanted.definition) !== undefined;
  to.item({
    ...{ kind: 'module', subject, severity: 'warning', aligned: canMake },
    what: [
      found === undefined ? 'is missing on the copy' : 'differs on the copy',
      ...(canMake ? [] : ['its text cannot be read (encrypted, or of an assembly): make it from its source']),
    ].join('; '),
  });
  if (!canMake || wanted.definition === undefined) return;
  const isWanted = moduleIs(wanted, wanted);
  // Another kind of object under the same name gives way; of the same kind it is altered, so permissions stay.
  const isAltered = found !== undefined && found.kind === wanted.kind;
  if (found !== undefined && !isAltered) drop(to, found, `${not(objectExists(found))} OR ${isWanted}`);
  to.change({
    ...{ phase: isEarly(source, wanted) ? 'early-function' : 'module', kind: 'module', subject },
    title: `${isAltered ? 'alter' : 'make'} the ${word.toLowerCase()} ${subject}`,
    text: moduleBatch(wanted, isAltered ? 'ALTER' : 'CREATE'),
    done: isWanted,
  });
}

/** A scalar function that a column or a check of production names has to be there before its table. */
const isEarly = ({ tables }: Catalog, module: Module): boolean =>
  module.kind.includes('SCALAR') &&
  tables.some(table =>
    [
      ...table.checks.map(check => check.definition),
      ...table.columns.flatMap(column => [
        column.computed?.definition ?? '',
        column.default?.definition ?? '',
      ]),
    ].some(text => mentions(text, module.name)),
  );

function dropExtra(to: Collector, found: Module): void {
  const word = moduleWord(found);
  // Without its text nobody could bring it back.
  const canDrop = word !== undefined && found.definition !== undefined;
  to.item({
    ...{ kind: 'module', subject: shown(found), severity: canDrop ? 'warning' : 'note', aligned: canDrop },
    what: canDrop ? 'is on the copy only' : 'is on the copy only, and its text cannot be read: it stays',
  });
  if (canDrop) drop(to, found, not(objectExists(found)));
}

function drop(to: Collector, found: Module, done: string): void {
  const word = moduleWord(found) ?? 'PROCEDURE';
  to.change({
    ...{ phase: 'drop-module', kind: 'module', subject: shown(found) },
    title: `drop the ${word.toLowerCase()} ${shown(found)}`,
    text: `DROP ${word} ${nameText(found)};`,
    done,
  });
}
