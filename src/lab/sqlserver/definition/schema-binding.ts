import type { Catalog, Column, StoredModule } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import { mentionedBy } from '../system/dependencies.ts';
import { fault } from './faults.ts';

const isBound = (module: StoredModule): boolean =>
  module.module.definition.options.some(option => option.toUpperCase() === 'SCHEMABINDING');

/** Modules WITH SCHEMABINDING that name an object. */
export const boundTo = (catalog: Catalog, object: number): readonly StoredModule[] =>
  [...catalog.modules.values()].filter(
    module => isBound(module) && mentionedBy(catalog, module).some(({ id }) => id === object),
  );

/** Does the text of a module have the name of a column; one of the same name elsewhere is held to be this one. */
export function namesColumn({ text }: StoredModule, { name }: Column): boolean {
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}_@#$])${escaped}(?![\\p{L}\\p{N}_@#$])`, 'iu').test(text);
}

/** @param what `DROP TABLE` and its kin @throws SqlError 3729 */
export function requireUnbound(
  catalog: Catalog,
  object: number,
  what: string,
  shown: string,
  line: number,
): void {
  const [module] = boundTo(catalog, object);
  if (module)
    throw fault(
      3729,
      `Cannot ${what} '${shown}' because it is being referenced by object '${module.name}'.`,
      line,
    );
}

/** A module that is bound to what it names does so by schema and object, column by column. @throws SqlError 1054, 4512 */
export function requireBindable(catalog: Catalog, module: StoredModule, shown: string, line: number): void {
  if (!isBound(module)) return;
  if (hasStar(module.module.definition))
    throw new SqlError(1054, "Syntax '*' is not allowed in schema-bound objects.", {
      severity: 15,
      line,
      endsBatch: true,
    });
  const kind = module.type === 'V' ? 'view' : 'function';
  for (const { id, schema, entity } of mentionedBy(catalog, module))
    if (id !== null && schema === null)
      throw fault(
        4512,
        `Cannot schema bind ${kind} '${shown}' because name '${entity}' is invalid for schema binding. Names must be in two-part format and an object cannot reference itself.`,
        line,
        3,
      );
}

function hasStar(part: unknown): boolean {
  if (Array.isArray(part)) return part.some(hasStar);
  if (typeof part !== 'object' || part === null || part instanceof Uint8Array) return false;
  if ('item' in part && part.item === 'star') return true;
  return Object.values(part).some(hasStar);
}
