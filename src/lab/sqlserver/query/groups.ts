import { SqlError } from '../errors.ts';
import type { Expression } from '../syntax/expressions.ts';
import type { BoundAggregate } from './aggregates.ts';
import type { Binding, Grouping } from './binding.ts';
import { aggregateForbidden } from './calls.ts';
import { canonical, hasAggregate, hasQuery } from './canonical.ts';
import { bindValue } from './expressions.ts';
import { type Leaf, type LeafColumn, namesOf } from './names.ts';
import { sortable } from './sorting.ts';
import { column, type Typed } from './typed.ts';

/** GROUP BY: the keys, and the aggregates that the rest of the query turns out to need. */
export interface Groups {
  readonly keys: readonly Typed[];
  readonly aggregates: readonly BoundAggregate[];
  width(): number;
  /** What stands behind GROUP BY sees keys and aggregates alone. */
  binding(place: 'select' | 'having' | 'order by'): Binding;
}

export function bindGroups(expressions: readonly Expression[], base: Binding): Groups {
  const inside: Binding = { ...base, place: 'group by' };
  const bound = expressions.map(expression => {
    if (hasAggregate(expression) || hasQuery(expression))
      throw aggregateForbidden('group by', expression.line);
    base.names?.used.clear();
    const key = bindValue(expression, inside);
    if (base.names?.used.size === 0)
      throw new SqlError(
        164,
        'Each GROUP BY expression must contain at least one column that is not an outer reference.',
        { severity: 15, line: expression.line, endsBatch: true },
      );
    sortable(key.type, expression.line);
    return { key, canonical: canonical(expression, base.names) };
  });
  const aggregates: BoundAggregate[] = [];
  const keys = bound.map(({ key, canonical: shape }, slot) => ({
    canonical: shape,
    key: column(key.type, 0, slot, { nullable: key.nullable, label: key.label }),
  }));
  const grouping: Grouping = {
    keys,
    inside: base,
    add: aggregate => {
      const known = aggregates.findIndex(other => other.canonical === aggregate.canonical);
      return keys.length + (known >= 0 ? known : aggregates.push(aggregate) - 1);
    },
  };
  const slots = new Map(
    bound.flatMap(({ key }, slot) => (key.slot === undefined ? [] : [[key.slot, slot] as const])),
  );
  return {
    keys: bound.map(({ key }) => key),
    aggregates,
    width: () => keys.length + aggregates.length,
    binding: place => ({
      ...base,
      place,
      grouping,
      names:
        base.names === undefined
          ? undefined
          : namesOf(base.names.leaves, {
              parent: base.names.parent,
              caseSensitive: base.names.caseSensitive,
              reach: base.names.reach,
              grouped: (slot, own, leaf) => {
                const key = slots.get(slot);
                if (key === undefined) throw notGrouped(own, leaf, place);
                return key;
              },
            }),
    }),
  };
}

function notGrouped(own: LeafColumn, leaf: Leaf, place: 'select' | 'having' | 'order by'): SqlError {
  const table = leaf.path === undefined ? leaf.alias : leaf.path.slice(-2).join('.');
  const name = `${table}.${own.name}`;
  const texts = {
    select: [
      8120,
      `Column '${name}' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.`,
    ],
    having: [
      8121,
      `Column '${name}' is invalid in the HAVING clause because it is not contained in either an aggregate function or the GROUP BY clause.`,
    ],
    'order by': [
      8127,
      `Column "${name}" is invalid in the ORDER BY clause because it is not contained in either an aggregate function or the GROUP BY clause.`,
    ],
  } as const;
  const [number, text] = texts[place];
  return new SqlError(number, text, { endsBatch: true });
}
