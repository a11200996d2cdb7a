import type { Catalog, StoredModule } from '../catalog/schema.ts';
import { parseModule } from '../syntax/parse.ts';

/** The catalog as JSON: maps as their values, bigint and bytes as text, a module without its syntax tree. */

/** A module as it is written. */
type WrittenModule = Omit<StoredModule, 'module'>;

interface WrittenCatalog extends Omit<Catalog, MapName | 'byName' | 'modules'> {
  readonly maps: { readonly [Name in MapName]: [number, MapValue<Catalog[Name]>][] };
  readonly modules: WrittenModule[];
  readonly byName: [string, number][];
}

type MapName = 'schemas' | 'tables' | 'sequences' | 'synonyms' | 'types' | 'principals';
type MapValue<M> = M extends ReadonlyMap<number, infer V> ? V : never;

export function encodeCatalog(catalog: Catalog): string {
  const { schemas, tables, sequences, synonyms, types, principals, modules, byName, ...rest } = catalog;
  const written: WrittenCatalog = {
    ...rest,
    maps: {
      schemas: [...schemas],
      tables: [...tables],
      sequences: [...sequences],
      synonyms: [...synonyms],
      types: [...types],
      principals: [...principals],
    },
    modules: [...modules.values()].map(({ module: _, ...module }) => module),
    byName: [...byName],
  };
  return JSON.stringify(written, function (this: Record<string, unknown>, key, value: unknown) {
    // A Buffer has made something else of itself by now.
    const raw = this[key];
    if (typeof raw === 'bigint') return { $bigint: raw.toString() };
    if (raw instanceof Uint8Array) return { $bytes: Buffer.from(raw).toString('hex') };
    return value;
  });
}

export function decodeCatalog(text: string): Catalog {
  const written: WrittenCatalog = JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if ('$bigint' in value && typeof value.$bigint === 'string') return BigInt(value.$bigint);
    if ('$bytes' in value && typeof value.$bytes === 'string') {
      return new Uint8Array(Buffer.from(value.$bytes, 'hex'));
    }
    return value;
  });
  const { maps, modules, byName, ...rest } = written;
  return {
    ...rest,
    schemas: new Map(maps.schemas),
    tables: new Map(maps.tables),
    sequences: new Map(maps.sequences),
    synonyms: new Map(maps.synonyms),
    types: new Map(maps.types),
    principals: new Map(maps.principals),
    modules: new Map(modules.map(module => [module.id, withModule(module)])),
    byName: new Map(byName),
  };
}

/** Parsed when somebody asks for it first: a database has many modules, and a session uses few. */
function withModule(written: WrittenModule): StoredModule {
  let parsed: StoredModule['module'] | undefined;
  return {
    ...written,
    get module() {
      parsed ??= parseModule(written.text);
      return parsed;
    },
  };
}
