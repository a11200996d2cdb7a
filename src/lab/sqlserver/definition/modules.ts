import { putModule } from '../catalog/edit.ts';
import { findObject, schemaName, triggersOf } from '../catalog/find.ts';
import type { Catalog, StoredModule } from '../catalog/schema.ts';
import { isTemporary } from '../catalog/temporary.ts';
import { unsupported } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import { bindQuery, requireNoOrder } from '../query/index.ts';
import type { DefinitionStatement, Module } from '../syntax/definitions.ts';
import { fault } from './faults.ts';
import { requireTypes } from './parameters.ts';
import { defining, objectNamed, type Place, placeOf, requireFree, writableStore, written } from './place.ts';
import { requireBindable } from './schema-binding.ts';

type CreateModule = Extract<DefinitionStatement, { readonly statement: 'create-module' }>;
type Definition = Module['definition'];
type Trigger = Extract<Definition, { readonly kind: 'trigger' }>;

const TYPES = {
  procedure: 'P',
  view: 'V',
  'scalar-function': 'FN',
  'inline-function': 'IF',
  'table-function': 'TF',
  trigger: 'TR',
} as const;

const WORDS = {
  procedure: 'PROCEDURE',
  view: 'VIEW',
  'scalar-function': 'FUNCTION',
  'inline-function': 'FUNCTION',
  'table-function': 'FUNCTION',
  trigger: 'TRIGGER',
} as const;

const FUNCTIONS: ReadonlySet<string> = new Set(['FN', 'IF', 'TF']);

/** @throws SqlError 166, 208, 1033, 1054, 2010, 2714, 2760, 4506, 4511, 4512, 8158, 8159, 8197, 2103, 2111, 2113 */
export function createModule(statement: CreateModule, execution: Execution): void {
  const { module, line } = statement;
  const { definition } = module;
  requireKnownOptions(definition, line);
  const written = module.name;
  if (written.length > 2)
    throw fault(
      166,
      `'CREATE/ALTER ${WORDS[definition.kind]}' does not allow specifying the database name as a prefix to the object name.`,
      line,
    );
  if (isTemporary(written.at(-1) ?? '')) throw unsupported('temporary procedures', line);
  const parent = definition.kind === 'trigger' ? parentOf(definition, execution, line) : undefined;
  const name = parent && written.length === 1 ? [parent.schema, ...written] : written;
  const place = placeOf(name, execution, line);
  const transaction = defining(place.database, execution);
  const { catalog } = transaction;
  const old = existing(statement, place, catalog);
  if (!old) requireFree(catalog, place, line);
  if (definition.kind === 'trigger' && parent)
    requireTrigger(definition, place, parent, old?.id, catalog, line);
  if ('parameters' in definition) requireTypes(definition.parameters, execution.scope);
  if (definition.kind === 'view' || definition.kind === 'inline-function') requireNoOrder(definition.query);
  if (definition.kind === 'view') requireColumns(definition, place.name, execution, line);
  const { options } = execution.evaluation.session;
  const { now } = execution.evaluation;
  const stored: StoredModule = {
    id: old?.id ?? writableStore(place.database).nextObjectId(),
    schemaId: place.schemaId,
    name: place.name,
    created: old?.created ?? now,
    modified: now,
    shipped: old?.shipped ?? false,
    type: TYPES[definition.kind],
    text: asCreate(module.text),
    module: { ...module, text: asCreate(module.text) },
    ansiNulls: options.ansiNulls,
    quotedIdentifier: options.quotedIdentifier,
    ...(parent ? { parent: parent.id } : {}),
    disabled: false,
    encrypted: definition.options.some(option => option.toUpperCase() === 'ENCRYPTION'),
  };
  requireBindable(catalog, stored, `${place.schema}.${place.name}`, line);
  transaction.define(now => putModule(now, stored));
}

const KNOWN_OPTIONS =
  /^(ENCRYPTION|RECOMPILE|SCHEMABINDING|VIEW_METADATA|EXEC(UTE)? AS CALLER|RETURNS NULL ON NULL INPUT|CALLED ON NULL INPUT)$/i;

function requireKnownOptions(definition: Definition, line: number): void {
  for (const option of definition.options)
    if (!KNOWN_OPTIONS.test(option)) throw unsupported(`the module option ${option}`, line);
}

/** sys.sql_modules shows a module as it would be created. */
export function asCreate(text: string): string {
  const start = /^((?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*)(CREATE(\s+)OR(\s+)ALTER|ALTER)\b/i;
  return text.replace(start, (_all, before: string, words: string) =>
    before.concat(/^alter$/i.test(words) ? 'CREATE' : 'CREATE  '),
  );
}

function existing(
  { mode, module, line }: CreateModule,
  place: Place,
  catalog: Catalog,
): StoredModule | undefined {
  const found = findObject(catalog, place.schema, place.name);
  if (mode === 'create') return undefined;
  if (!found) {
    if (mode === 'create-or-alter') return undefined;
    throw fault(208, `Invalid object name '${module.name.join('.')}'.`, line, 6);
  }
  const wanted = TYPES[module.definition.kind];
  const same =
    found.kind === 'module' &&
    (found.object.type === wanted || (FUNCTIONS.has(wanted) && FUNCTIONS.has(found.object.type)));
  if (same) return found.object;
  throw fault(
    2010,
    `Cannot perform alter on '${module.name.join('.')}' because it is an incompatible object type.`,
    line,
  );
}

interface Parent {
  readonly id: number;
  readonly schema: string;
  readonly view: boolean;
  readonly cascades: { readonly delete: boolean; readonly update: boolean };
  readonly name: string;
}

function parentOf(trigger: Trigger, execution: Execution, line: number): Parent {
  const found = objectNamed(trigger.on, execution.scope, line);
  const object = found?.table ?? (found?.module?.type === 'V' ? found.module : undefined);
  const invalid = !object || !found || found.database !== execution.scope.database;
  if (invalid || (found.module && !trigger.insteadOf))
    throw fault(
      8197,
      `The object '${written(trigger.on)}' does not exist or is invalid for this operation.`,
      line,
      4,
    );
  const keys = found.table?.foreignKeys ?? [];
  return {
    id: object.id,
    schema: schemaName(found.catalog, object.schemaId),
    view: found.module !== undefined,
    cascades: {
      delete: keys.some(key => key.onDelete !== 'no-action'),
      update: keys.some(key => key.onUpdate !== 'no-action'),
    },
    name: object.name,
  };
}

function requireTrigger(
  trigger: Trigger,
  place: Place,
  parent: Parent,
  own: number | undefined,
  catalog: Catalog,
  line: number,
): void {
  if (place.schema.toLowerCase() !== parent.schema.toLowerCase())
    throw fault(
      2103,
      `Cannot alter trigger '${place.schema}.${place.name}' because its schema is different from the schema of the target table or view.`,
      line,
    );
  if (!trigger.insteadOf) return;
  for (const event of trigger.events) {
    if (event !== 'insert' && parent.cascades[event])
      throw fault(
        2113,
        `Cannot create INSTEAD OF DELETE or INSTEAD OF UPDATE TRIGGER '${place.name}' on table '${parent.name}'. This is because the table has a FOREIGN KEY with cascading DELETE or UPDATE.`,
        line,
      );
    const other = triggersOf(catalog, parent.id).some(
      ({ id, module: { definition } }) =>
        id !== own &&
        definition.kind === 'trigger' &&
        definition.insteadOf &&
        definition.events.includes(event),
    );
    if (other)
      throw fault(
        2111,
        `Cannot create trigger '${place.name}' on ${parent.view ? 'view' : 'table'} '${parent.schema}.${parent.name}' because an INSTEAD OF ${event.toUpperCase()} trigger already exists on this object.`,
        line,
      );
  }
}

/** The columns of a view have names, all different. */
function requireColumns(
  view: Extract<Definition, { readonly kind: 'view' }>,
  name: string,
  execution: Execution,
  line: number,
): void {
  const bound = bindQuery(view.query, execution.scope);
  const names = view.columns.length > 0 ? view.columns : bound.columns.map(column => column.name);
  if (names.length < bound.columns.length)
    throw fault(8158, `'${name}' has more columns than were specified in the column list.`, line);
  if (names.length > bound.columns.length)
    throw fault(8159, `'${name}' has fewer columns than were specified in the column list.`, line);
  names.forEach((column, at) => {
    if (column === '')
      throw fault(
        4511,
        `Create View or Function failed because no column name was specified for column ${at + 1}.`,
        line,
      );
    if (names.slice(0, at).some(other => other.toLowerCase() === column.toLowerCase()))
      throw fault(
        4506,
        `Column names in each view or function must be unique. Column name '${column}' in view or function '${name}' is specified more than once.`,
        line,
      );
  });
}
