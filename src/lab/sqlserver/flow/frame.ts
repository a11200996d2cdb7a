import type { StoredModule, Table } from '../catalog/schema.ts';
import type { SessionValues } from '../functions/function.ts';
import type { BoundCondition, BoundExpression } from '../query/bound.ts';
import type { Database } from '../server/instance.ts';
import type { SqlType, Value } from '../values/types.ts';
import type { Cursor } from './cursor.ts';
import type { RowSets } from './execution.ts';

export type Caught = NonNullable<SessionValues['caught']>;

export interface RowSet {
  readonly table: Table;
  rows: readonly (readonly Value[])[];
  /** `inserted`, `deleted` and table-valued parameters. */
  readonly readOnly: boolean;
}

export interface FrameOptions {
  readonly kind: Frame['kind'];
  readonly database: Database;
  readonly level: number;
  readonly parent: Frame | undefined;
  readonly module?: StoredModule;
  readonly schema?: string;
  readonly updatedColumns?: ReadonlySet<number>;
}

/** One batch, procedure, trigger or dynamic text while it runs: its variables and what belongs to its scope. */
export class Frame implements RowSets {
  readonly kind: 'batch' | 'procedure' | 'trigger' | 'text' | 'function' | 'system';
  readonly parent: Frame | undefined;
  /** @@NESTLEVEL. */
  readonly level: number;
  readonly module: StoredModule | undefined;
  /** Schema of the module. */
  readonly schema: string | undefined;
  readonly updatedColumns: ReadonlySet<number> | undefined;
  /** Changed by USE. */
  database: Database;
  /** By lower-case name with @. */
  readonly variables = new Map<string, Value>();
  readonly types = new Map<string, SqlType>();
  readonly rowSets = new Map<string, RowSet>();
  readonly cursors = new Map<string, Cursor>();
  /** Expressions that are bound once a frame: loops run them often. */
  readonly expressions = new WeakMap<object, BoundExpression>();
  readonly conditions = new WeakMap<object, BoundCondition>();
  /** Errors that CATCH blocks are handling, the innermost last. */
  readonly caught: Caught[] = [];
  /** TRY blocks of this frame that are running. */
  tries = 0;
  scopeIdentity: bigint | null = null;
  returned: number | undefined;
  /** Line of the statement that runs. */
  line = 1;

  constructor(options: FrameOptions) {
    this.kind = options.kind;
    this.database = options.database;
    this.level = options.level;
    this.parent = options.parent;
    this.module = options.module;
    this.schema = options.schema;
    this.updatedColumns = options.updatedColumns;
  }

  /** Name for the procedure of an error; '' outside a module. */
  get procedureName(): string {
    return this.module?.name ?? '';
  }

  rows(name: string): readonly (readonly Value[])[] {
    return this.rowSets.get(name.toLowerCase())?.rows ?? [];
  }

  replace(name: string, rows: readonly (readonly Value[])[]): void {
    const set = this.rowSets.get(name.toLowerCase());
    if (set) set.rows = rows;
  }
}

/** The error that the nearest CATCH handles, in this frame or in one that called it. */
export function caughtIn(frame: Frame | undefined): Caught | undefined {
  for (let each = frame; each; each = each.parent) {
    const last = each.caught.at(-1);
    if (last) return last;
  }
  return undefined;
}

/** Whether a TRY block is running here or in a caller; for a fault of compilation only the callers' count. */
export function insideTry(frame: Frame | undefined, beyond: Frame | undefined): boolean {
  for (let each = frame; each; each = each.parent) if (each !== beyond && each.tries > 0) return true;
  return false;
}
