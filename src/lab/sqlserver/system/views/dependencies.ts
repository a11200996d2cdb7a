import { catalogOf } from '../catalog-facts.ts';
import { view } from '../define-view.ts';
import { mentionedBy } from '../dependencies.ts';

export const expressionDependencies = view(
  'sql_expression_dependencies',
  `referencing_id int
   referencing_minor_id int = 0
   referencing_class tinyint null = 1
   referencing_class_desc nvarchar(60) null = OBJECT_OR_COLUMN
   is_schema_bound_reference bit
   referenced_class tinyint null = 1
   referenced_class_desc nvarchar(60) null = OBJECT_OR_COLUMN
   referenced_server_name sysname null
   referenced_database_name sysname null
   referenced_schema_name sysname null
   referenced_entity_name sysname null
   referenced_id int null
   referenced_minor_id int = 0
   is_caller_dependent bit
   is_ambiguous bit = 0`,
  function* (context, database) {
    const catalog = catalogOf(context, database);
    for (const module of catalog.modules.values())
      for (const each of mentionedBy(catalog, module))
        yield {
          referencing_id: module.id,
          is_schema_bound_reference: module.module.definition.options.includes('SCHEMABINDING'),
          referenced_server_name: each.server,
          referenced_database_name: each.database,
          referenced_schema_name: each.schema,
          referenced_entity_name: each.entity,
          referenced_id: each.id,
          is_caller_dependent: each.schema === null && each.id === null && each.database === null,
        };
  },
  { owners: true },
);
