import type { ForeignKey } from '../catalog/schema.ts';
import type { Building, Draft } from './draft.ts';
import { fault } from './faults.ts';

/** One table's row that goes or changes takes rows of another with it. */
interface Edge {
  readonly from: number;
  readonly to: number;
  /** CASCADE goes on from there; SET NULL and SET DEFAULT end the branch. */
  readonly on: boolean;
}

/**
 * What one DELETE or UPDATE sets going must be a tree: no table twice.
 *
 * @throws SqlError 1785
 */
export function requireNoCircle(draft: Draft, added: ForeignKey, building: Building, line: number): void {
  for (const event of ['onDelete', 'onUpdate'] as const) {
    if (added[event] === 'no-action') continue;
    const edges = edgesOf(draft, added, event, building);
    if (!everyStart(edges).some(start => meetsTwice(start, edges))) continue;
    throw fault(
      1785,
      `Introducing FOREIGN KEY constraint '${added.name}' on table '${draft.shown}' may cause cycles or multiple cascade paths. Specify ON DELETE NO ACTION or ON UPDATE NO ACTION, or modify other FOREIGN KEY constraints.`,
      line,
      0,
    );
  }
}

function edgesOf(
  draft: Draft,
  added: ForeignKey,
  event: 'onDelete' | 'onUpdate',
  building: Building,
): readonly Edge[] {
  const edges: Edge[] = [];
  const take = (child: number, foreignKey: ForeignKey): void => {
    if (foreignKey[event] === 'no-action') return;
    edges.push({
      from: foreignKey.referencedTable,
      to: child,
      on: foreignKey[event] === 'cascade',
    });
  };
  for (const table of building.catalog.tables.values())
    if (table.id !== draft.id) for (const foreignKey of table.foreignKeys) take(table.id, foreignKey);
  for (const foreignKey of [...draft.foreignKeys, added]) take(draft.id, foreignKey);
  return edges;
}

const everyStart = (edges: readonly Edge[]): readonly number[] => [...new Set(edges.map(edge => edge.from))];

/** Is a table met twice on the ways from a start, or the start itself again. */
function meetsTwice(start: number, edges: readonly Edge[]): boolean {
  const met = new Set([start]);
  const open = [start];
  for (let at = open.pop(); at !== undefined; at = open.pop())
    for (const edge of edges) {
      if (edge.from !== at) continue;
      if (met.has(edge.to)) return true;
      met.add(edge.to);
      if (edge.on) open.push(edge.to);
    }
  return false;
}
