import { SqlError } from '../errors.ts';
import type { OrderItem } from '../syntax/expressions.ts';
import type { Binding } from './binding.ts';
import { canonical } from './canonical.ts';
import { bindValue } from './expressions.ts';
import type { From } from './from.ts';
import type { Item } from './items.ts';
import type { LeafColumn } from './names.ts';
import type { WantedOrder } from './plan.ts';
import { type SortKey, sortable } from './sorting.ts';
import { column, type Typed } from './typed.ts';

interface OrderKey extends SortKey {
  /** Slot of the row where the key is a plain column. */
  readonly slot: number | undefined;
}

const fault = (number: number, text: string, line: number, severity = 16): SqlError =>
  new SqlError(number, text, { severity, line, endsBatch: true });

/** ORDER BY by alias, place or expression; with DISTINCT over the columns that are shown. */
export function bindOrder(
  order: readonly OrderItem[],
  items: readonly Item[],
  options: { readonly binding: Binding; readonly distinct: boolean },
): readonly OrderKey[] {
  const seen = new Set<string>();
  return order.map((item, at) => {
    const { expression, descending } = item;
    const place = placeOf(item, at, items, options.binding);
    const value = place === undefined ? undefined : items[place]?.value;
    let key: Typed;
    if (value !== undefined && place !== undefined)
      key = options.distinct ? column(value.type, 0, place, { nullable: true }) : value;
    else if (options.distinct) {
      const own = canonical(expression, options.binding.names);
      const shown = items.findIndex(
        other =>
          (other.expression !== undefined && canonical(other.expression, options.binding.names) === own) ||
          (other.expression === undefined && own === `#0.${other.value.slot}`),
      );
      const found = items[shown];
      if (found === undefined)
        throw fault(
          145,
          'ORDER BY items must appear in the select list if SELECT DISTINCT is specified.',
          expression.line,
          15,
        );
      key = column(found.value.type, 0, shown, { nullable: true });
    } else key = bindValue(expression, options.binding);
    sortable(key.type, expression.line);
    const text = `${key.slot ?? ''}:${place ?? canonical(expression, options.binding.names)}`;
    if (seen.has(text) && key.slot !== undefined)
      throw fault(
        169,
        'A column has been specified more than once in the order by list. Columns in the order by list must be unique.',
        expression.line,
        15,
      );
    seen.add(text);
    return { evaluate: key.evaluate, type: key.type, descending, slot: key.slot };
  });
}

/** Place of the select item that an ORDER BY item names, by number or by alias. */
export function placeOf(
  item: OrderItem,
  at: number,
  items: readonly Pick<Item, 'name' | 'aliased'>[],
  binding: Binding,
): number | undefined {
  const { expression } = item;
  if (expression.node === 'literal') {
    if (expression.literal.kind !== 'integer')
      throw fault(
        408,
        `A constant expression was encountered in the ORDER BY list, position ${at + 1}.`,
        expression.line,
      );
    const place = Number(expression.literal.text);
    if (place < 1 || place > items.length)
      throw fault(
        108,
        `The ORDER BY position number ${place} is out of range of the number of items in the select list.`,
        expression.line,
        15,
      );
    return place - 1;
  }
  if (expression.node === 'variable')
    throw fault(
      1008,
      `The SELECT item identified by the ORDER BY number ${at + 1} contains a variable as part of the expression identifying a column position. Variables are only allowed when ordering by an expression referencing a column name.`,
      expression.line,
    );
  if (expression.node !== 'column' || expression.name.length !== 1) return undefined;
  const name = expression.name[0] ?? '';
  const sensitive = binding.names?.caseSensitive ?? false;
  const alike = (other: string): boolean =>
    other === name || (!sensitive && other.toLowerCase() === name.toLowerCase());
  const aliased = items.flatMap((own, place) => (own.aliased && alike(own.name) ? [place] : []));
  if (aliased.length > 1) throw fault(209, `Ambiguous column name '${name}'.`, expression.line);
  if (aliased.length === 1) return aliased[0];
  const shown = items.flatMap((own, place) => (alike(own.name) ? [place] : []));
  return shown.length === 1 ? shown[0] : undefined;
}

/** ORDER BY of a set operation: columns of its result and nothing else. */
export function bindResultOrder(
  order: readonly OrderItem[],
  columns: readonly LeafColumn[],
  binding: Binding,
): readonly OrderKey[] {
  return order.map((item, at) => {
    const place = placeOf(
      item,
      at,
      columns.map(own => ({ name: own.name, aliased: true })),
      { ...binding, names: undefined },
    );
    const own = place === undefined ? undefined : columns[place];
    if (own === undefined || place === undefined) {
      if (item.expression.node === 'column')
        throw fault(207, `Invalid column name '${item.expression.name.at(-1) ?? ''}'.`, item.expression.line);
      throw fault(
        104,
        'ORDER BY items must appear in the select list if the statement contains a UNION, INTERSECT or EXCEPT operator.',
        item.expression.line,
        15,
      );
    }
    sortable(own.type, item.expression.line);
    const key = column(own.type, 0, place, { nullable: true });
    return { evaluate: key.evaluate, type: own.type, descending: item.descending, slot: place };
  });
}

/** The order as columns of the first source, where an index may give it. */
export function wantedOrder(order: readonly OrderKey[], from: From): WantedOrder | undefined {
  const first = from.leaves[0];
  if (order.length === 0 || first?.origin.kind !== 'stored') return undefined;
  const width = first.leaf.columns.length;
  const wanted = order.flatMap(key =>
    key.slot !== undefined && key.slot < width ? [{ column: key.slot, descending: key.descending }] : [],
  );
  return wanted.length === order.length ? wanted : undefined;
}
