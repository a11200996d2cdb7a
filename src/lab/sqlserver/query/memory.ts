import type { Instance, MemoryLimits } from '../server/instance.ts';
import { outOfMemory, sizeOf } from '../storage/memory.ts';
import type { Evaluation, Row } from './bound.ts';
import { Spill } from './spill.ts';

/** So that a server with five million rows stays below 300 MB. */
const LIMITS: MemoryLimits = { statement: 32 << 20, server: 64 << 20 };

/** Of a statement's memory: what an operator that can go to disk takes at most, and what it has whatever the others hold. */
const MOST = 1 / 2;
const LEAST = 1 / 16;

/** Memory of one operator, which it may give back before the statement ends. */
export class Hold {
  readonly #workspace: Workspace;
  #bytes = 0;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** false where there is no room for so much more, and the rows should go to disk; nothing is taken then. */
  take(bytes: number): boolean {
    const { statement } = this.#workspace.limits;
    const own = this.#bytes + bytes;
    if (own > LEAST * statement && (own > MOST * statement || !this.#workspace.hasRoom(bytes))) return false;
    this.force(bytes);
    return true;
  }

  /** @throws SqlError 701 where there is no room: what can not go to disk ends here */
  need(bytes: number): void {
    if (!this.#workspace.hasRoom(bytes)) throw outOfMemory();
    this.force(bytes);
  }

  /** Whether there is room or not. */
  force(bytes: number): void {
    this.#workspace.take(bytes);
    this.#bytes += bytes;
  }

  free(): void {
    this.#workspace.give(this.#bytes);
    this.#bytes = 0;
  }
}

interface Pool {
  readonly limits: MemoryLimits;
  used: number;
}

/** What one statement holds in memory and on disk while it runs. */
class Workspace {
  readonly #pool: Pool;
  #used = 0;
  #spill: Spill | undefined;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  get limits(): MemoryLimits {
    return this.#pool.limits;
  }

  hasRoom(bytes: number): boolean {
    const { limits, used } = this.#pool;
    return this.#used + bytes <= limits.statement && used + bytes <= limits.server;
  }

  take(bytes: number): void {
    this.#used += bytes;
    this.#pool.used += bytes;
  }

  give(bytes: number): void {
    const given = Math.min(bytes, this.#used);
    this.#used -= given;
    this.#pool.used -= given;
  }

  get spill(): Spill {
    this.#spill ??= new Spill();
    return this.#spill;
  }

  close(): void {
    this.give(this.#used);
    this.#spill?.close();
    this.#spill = undefined;
  }
}

export { outOfMemory, sizeOf } from '../storage/memory.ts';

const pools = new WeakMap<Instance, Pool>();
const workspaces = new WeakMap<Evaluation, Workspace>();

function statementOf(context: Evaluation): Evaluation {
  const root = context.root ?? context;
  return root.caller ?? root;
}

function workspaceOf(context: Evaluation): Workspace {
  const root = statementOf(context);
  let workspace = workspaces.get(root);
  if (workspace === undefined) {
    let pool = pools.get(root.instance);
    if (pool === undefined) {
      pool = { limits: root.instance.memory ?? LIMITS, used: 0 };
      pools.set(root.instance, pool);
    }
    workspace = new Workspace(pool);
    workspaces.set(root, workspace);
  }
  return workspace;
}

export const hold = (context: Evaluation): Hold => new Hold(workspaceOf(context));

/** Where the statement puts rows that have no room in memory. */
export const spillOf = (context: Evaluation): Spill => workspaceOf(context).spill;

/** Gives back all that a statement held; called when it ends. */
export function endMemory(context: Evaluation): void {
  workspaces.get(context)?.close();
  workspaces.delete(context);
}

/** Rows that have to be in memory all at once. */
export class HeldRows {
  readonly rows: Row[] = [];
  readonly #hold: Hold;

  constructor(context: Evaluation) {
    this.#hold = hold(context);
  }

  /** @throws SqlError 701 */
  push(row: Row): void {
    this.#hold.need(sizeOf(row));
    this.rows.push(row);
  }

  free(): void {
    this.#hold.free();
    this.rows.length = 0;
  }
}
