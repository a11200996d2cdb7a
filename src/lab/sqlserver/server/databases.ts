import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SqlError } from '../errors.ts';
import { DEFAULT_COLLATION } from '../values/types.ts';
import { newOptions, watchedOptions } from './database-options.ts';
import { type DatabaseFacts, ServerDatabase, type StoreSurroundings } from './database-state.ts';
import type { DatabaseFile, NewDatabase } from './instance.ts';
import type { DatabaseRecord } from './server-file.ts';

export interface DatabasesOptions extends StoreSurroundings {
  /** Where the stores are. */
  readonly directory: string;
  readonly compatibility: number;
  readonly guid: () => string;
  readonly changed: () => void;
}

const SYSTEM = ['master', 'tempdb', 'model', 'msdb'] as const;
const SA: Uint8Array = Uint8Array.of(1);

/** The databases of a server by lower-case name, in the order of their ids. */
export class Databases {
  readonly #byName = new Map<string, ServerDatabase>();
  readonly #options: DatabasesOptions;

  /** Opens what was kept, and makes what every server has. */
  constructor(options: DatabasesOptions, kept: readonly DatabaseRecord[]) {
    this.#options = options;
    for (const record of kept) this.#reopen(record);
    for (const [place, name] of SYSTEM.entries())
      if (!this.#byName.has(name)) {
        const made = this.#make({ name }, place + 1);
        made.options.recovery = 'SIMPLE';
        if (name === 'model') made.options.recovery = 'FULL';
        if (name === 'msdb' || name === 'master') made.options.snapshotIsolation = true;
        if (name === 'msdb') made.options.trustworthy = true;
        made.open();
        this.#put(made);
      }
  }

  get byName(): ReadonlyMap<string, ServerDatabase> {
    return this.#byName;
  }

  find(name: string): ServerDatabase | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  #reopen({ name, facts, options, snapshotOf }: DatabaseRecord): void {
    const watched = watchedOptions(options, this.#options.changed);
    // The rows of a database snapshot do not outlive the server.
    if (snapshotOf !== undefined) return;
    // tempdb is made anew with every start, which is how a start is known.
    const created = name === 'tempdb' ? this.#options.clock.now() : facts.created;
    const database = new ServerDatabase(name, { ...facts, created }, watched, this.#options);
    if (options.state === 'ONLINE')
      try {
        database.open();
      } catch (error) {
        if (!(error instanceof SqlError)) throw error;
        watched.state = 'SUSPECT';
      }
    this.#put(database);
  }

  /**
   * A new database with an empty store, or a record without one for RESTORE.
   *
   * @throws SqlError 1801, 1802 behind 5170
   */
  create(wanted: NewDatabase, state: 'ONLINE' | 'RESTORING' = 'ONLINE'): ServerDatabase {
    this.requireFree(wanted.name);
    const made = this.#make(wanted, this.#freeId());
    if (state === 'RESTORING') made.options.state = 'RESTORING';
    else {
      if (existsSync(made.path)) throw exists(made.path);
      made.open();
    }
    this.#put(made);
    this.#options.changed();
    return made;
  }

  /** @throws SqlError 1801 */
  requireFree(name: string): void {
    if (this.find(name))
      throw new SqlError(1801, `Database '${name}' already exists. Choose a different database name.`, {
        state: 3,
      });
  }

  /** A database snapshot: the committed rows of this moment under a name of their own. */
  snapshot(name: string, source: ServerDatabase, files: readonly DatabaseFile[]): ServerDatabase {
    this.requireFree(name);
    if (!source.store) throw new Error(`${source.name} has no store`);
    const snapshot = source.store.snapshot();
    const facts = { ...this.#facts({ name, files, collation: source.collation }, this.#freeId()) };
    const options = { ...source.options, others: new Map(source.options.others), readOnly: true };
    const made = new ServerDatabase(
      name,
      facts,
      watchedOptions(options, this.#options.changed),
      this.#options,
      { database: source, snapshot },
    );
    this.#put(made);
    this.#options.changed();
    return made;
  }

  rename(database: ServerDatabase, name: string): void {
    if (name.toLowerCase() !== database.name.toLowerCase()) this.requireFree(name);
    this.#byName.delete(database.name.toLowerCase());
    database.name = name;
    this.#put(database);
    this.#options.changed();
  }

  put(database: ServerDatabase): void {
    this.#put(database);
    this.#options.changed();
  }

  /** Forgets a database and deletes its files. */
  drop(database: ServerDatabase): void {
    this.#byName.delete(database.name.toLowerCase());
    database.shut();
    if (!database.snapshotOf)
      for (const ending of ['', '-wal', '-shm']) rmSync(`${database.path}${ending}`, { force: true });
    this.#options.changed();
  }

  close(): void {
    // Snapshots first: they hold on to the store of their source.
    const all = [...this.#byName.values()].sort((left, right) => right.id - left.id);
    for (const database of all.filter(each => each.snapshotOf)) database.shut();
    for (const database of all.filter(each => !each.snapshotOf)) database.shut();
  }

  records(): readonly DatabaseRecord[] {
    return [...this.#byName.values()].map(database => ({
      name: database.name,
      facts: {
        id: database.id,
        created: database.created,
        collation: database.collation,
        path: database.path,
        files: database.files,
        family: database.family,
        recoveryFork: database.recoveryFork,
      },
      options: database.options,
      ...(database.snapshotOf ? { snapshotOf: database.snapshotOf.name } : {}),
    }));
  }

  #put(database: ServerDatabase): void {
    this.#byName.set(database.name.toLowerCase(), database);
    const sorted = [...this.#byName].sort(([, left], [, right]) => left.id - right.id);
    this.#byName.clear();
    for (const [name, each] of sorted) this.#byName.set(name, each);
  }

  #freeId(): number {
    const taken = new Set([...this.#byName.values()].map(each => each.id));
    let id = SYSTEM.length + 1;
    while (taken.has(id)) id += 1;
    return id;
  }

  #make(wanted: NewDatabase, id: number): ServerDatabase {
    const options = watchedOptions(
      newOptions(wanted.owner ?? SA, this.#options.compatibility),
      this.#options.changed,
    );
    return new ServerDatabase(wanted.name, this.#facts(wanted, id), options, this.#options);
  }

  /** @throws SqlError 1802 behind 5170 where a file is another database's already */
  #facts(wanted: NewDatabase, id: number): DatabaseFacts {
    const path = join(this.#options.directory, `${fileName(wanted.name)}${id > 4 ? `_${id}` : ''}.mdf`);
    const files = wanted.files?.length ? completed(wanted.files) : this.#defaultFiles(wanted.name, path);
    for (const file of files) this.#requireFreeFile(file.physicalName);
    return {
      id,
      created: this.#options.clock.now(),
      collation: wanted.collation ?? this.find('master')?.collation ?? DEFAULT_COLLATION,
      path,
      files,
      family: this.#options.guid(),
      recoveryFork: this.#options.guid(),
    };
  }

  #defaultFiles(name: string, path: string): readonly DatabaseFile[] {
    const log = join(this.#options.directory, `${fileName(name)}_log.ldf`);
    return [
      { id: 1, logicalName: name, physicalName: path, type: 'ROWS' },
      { id: 2, logicalName: `${name}_log`, physicalName: log, type: 'LOG' },
    ];
  }

  #requireFreeFile(physicalName: string): void {
    const wanted = physicalName.toLowerCase();
    for (const database of this.#byName.values())
      for (const file of database.files)
        if (file.physicalName.toLowerCase() === wanted) throw exists(physicalName);
  }
}

const exists = (file: string): SqlError =>
  new SqlError(
    1802,
    'CREATE DATABASE failed. Some file names listed could not be created. Check related errors.',
    {
      state: 4,
      preceding: [
        new SqlError(
          5170,
          `Cannot create file '${file}' because it already exists. Change the file path or the file name, and retry the operation.`,
        ),
      ],
    },
  );

/** Names may hold what no file name can. */
const fileName = (name: string): string => name.replaceAll(/[^\w.-]/g, '_');

/** Ids as the server numbers files: data files, then the log, each kind in its order. */
function completed(files: NonNullable<NewDatabase['files']>): readonly DatabaseFile[] {
  const first = files.find(file => file.type === 'ROWS');
  const log = files.find(file => file.type === 'LOG');
  const rest = files.filter(file => file !== first && file !== log);
  return [first, log, ...rest].flatMap((file, place) => (file ? [{ ...file, id: place + 1 }] : []));
}
