import type { Catalog, StoredModule } from '../../catalog/schema.ts';
import type { FunctionContext } from '../../functions/function.ts';
import type { Database } from '../../server/instance.ts';
import type { Parameter } from '../../syntax/definitions.ts';
import type { TypeName } from '../../syntax/names.ts';
import { resolveType } from '../../values/index.ts';
import type { SqlType } from '../../values/types.ts';
import { catalogOf } from '../catalog-facts.ts';
import { type ViewRow, view } from '../define-view.ts';
import { storedType } from '../type-ids.ts';

/** A type as the database knows it, aliases and table types too. */
export function declaredType(
  catalog: Catalog,
  name: TypeName,
  collation: string,
): { readonly type?: SqlType; readonly userType?: number; readonly table: boolean } | undefined {
  const schema = name.name.at(-2)?.toLowerCase();
  for (const each of catalog.types.values()) {
    const own = catalog.schemas.get(each.schemaId)?.name.toLowerCase();
    if (each.name.toLowerCase() === name.name.at(-1)?.toLowerCase() && (schema ?? own) === own)
      return {
        ...(each.base === undefined ? {} : { type: each.base }),
        userType: each.id,
        table: each.table !== undefined,
      };
  }
  const type = resolveType(name, collation);
  return type === undefined ? undefined : { type, table: false };
}

export const parameters = view(
  'parameters',
  `object_id int
   name sysname null
   parameter_id int
   system_type_id tinyint
   user_type_id int
   max_length smallint
   precision tinyint
   scale tinyint
   is_output bit
   is_cursor_ref bit = 0
   has_default_value bit = 0
   is_xml_document bit = 0
   default_value sql_variant null
   xml_collection_id int = 0
   is_readonly bit
   is_nullable bit null = 1 since 2014
   encryption_type int null since 2016
   encryption_type_desc nvarchar(64) null since 2016
   encryption_algorithm_name sysname null since 2016
   column_encryption_key_id int null since 2016
   column_encryption_key_database_name sysname null since 2016`,
  function* (context, database) {
    const catalog = catalogOf(context, database);
    for (const module of catalog.modules.values())
      yield* moduleParameters(context, database, catalog, module);
  },
);

function* moduleParameters(
  _context: FunctionContext,
  database: Database,
  catalog: Catalog,
  module: StoredModule,
): Iterable<ViewRow> {
  const { definition } = module.module;
  if (definition.kind === 'view' || definition.kind === 'trigger') return;
  const row = (name: string, place: number, type: TypeName, parameter?: Parameter): ViewRow => {
    const declared = declaredType(catalog, type, database.collation);
    const facts =
      declared?.type === undefined
        ? {
            system_type_id: 243,
            user_type_id: declared?.userType ?? 0,
            max_length: -1,
            precision: 0,
            scale: 0,
          }
        : storedType({
            type: declared.type,
            ...(declared.userType === undefined ? {} : { userType: declared.userType }),
          });
    return {
      object_id: module.id,
      name,
      parameter_id: place,
      system_type_id: facts.system_type_id,
      user_type_id: facts.user_type_id,
      max_length: facts.max_length,
      precision: facts.precision,
      scale: facts.scale,
      is_output: parameter === undefined || parameter.output,
      is_readonly: parameter?.readOnly ?? false,
    };
  };
  if (definition.kind === 'scalar-function') yield row('', 0, definition.returns);
  for (const [place, parameter] of definition.parameters.entries())
    yield row(parameter.name, place + 1, parameter.type, parameter);
}
