import type { Clock } from '../../../foundation/clock.ts';
import type { Catalog } from '../catalog/schema.ts';
import { openStore, type WaitGraph } from '../storage/open.ts';
import type { Snapshot, Store } from '../storage/store.ts';
import type { Database, DatabaseFile, DatabaseOptions } from './instance.ts';
import { requireOnline } from './online.ts';

/** What a database is besides its store, as master keeps it. */
export interface DatabaseFacts {
  readonly id: number;
  readonly created: number;
  readonly collation: string;
  /** Path of the store. */
  readonly path: string;
  readonly files: readonly DatabaseFile[];
  readonly family: string;
  readonly recoveryFork: string;
}

export interface StoreSurroundings {
  readonly clock: Clock;
  readonly waits: WaitGraph;
}

/** A database of the server; its store is open while it is ONLINE. */
export class ServerDatabase implements Database {
  readonly id: number;
  readonly created: number;
  collation: string;
  readonly path: string;
  readonly options: DatabaseOptions;
  readonly snapshotOf?: Database;
  readonly snapshot?: Snapshot;
  family: string;
  recoveryFork: string;
  files: readonly DatabaseFile[];
  name: string;
  store: Store | undefined;
  readonly #around: StoreSurroundings;

  constructor(
    name: string,
    facts: DatabaseFacts,
    options: DatabaseOptions,
    around: StoreSurroundings,
    source?: { readonly database: Database; readonly snapshot: Snapshot },
  ) {
    this.name = name;
    this.id = facts.id;
    this.created = facts.created;
    this.collation = facts.collation;
    this.path = facts.path;
    this.files = facts.files;
    this.family = facts.family;
    this.recoveryFork = facts.recoveryFork;
    this.options = options;
    this.#around = around;
    if (source) {
      this.snapshotOf = source.database;
      this.snapshot = source.snapshot;
    }
  }

  get catalog(): Catalog {
    if (this.snapshot) return this.snapshot.catalog;
    requireOnline(this);
    if (!this.store) throw new Error(`${this.name} has no store`);
    return this.store.catalog;
  }

  /** Opens its store file, which is made where there is none. */
  open(): void {
    if (this.store || this.snapshotOf) return;
    this.store = openStore({
      file: this.path,
      clock: this.#around.clock,
      databaseId: this.id,
      kind: this.id === TEMPDB ? 'temporary' : 'user',
      databaseName: () => this.name,
      waits: this.#around.waits,
    });
  }

  /** Closes its store; a database snapshot lets go of its rows. */
  shut(): void {
    this.snapshot?.close();
    this.store?.close();
    this.store = undefined;
  }
}

const TEMPDB = 2;
