import type { DatabaseOptions } from './instance.ts';

/** The options of a new database: those of model. */
export function newOptions(owner: Uint8Array, compatibility: number): DatabaseOptions {
  return {
    owner,
    state: 'ONLINE',
    recovery: 'FULL',
    compatibility,
    readOnly: false,
    access: 'MULTI_USER',
    snapshotIsolation: false,
    readCommittedSnapshot: false,
    changeTracking: undefined,
    published: false,
    subscribed: false,
    distributor: false,
    syncWithBackup: false,
    trustworthy: false,
    broker: false,
    others: new Map(),
  };
}

/** Options that tell of each change, so that they are kept. */
export function watchedOptions(options: DatabaseOptions, changed: () => void): DatabaseOptions {
  const others = new WatchedMap(options.others, changed);
  return new Proxy<DatabaseOptions>(
    { ...options, others },
    {
      set(target, key, value) {
        const done = Reflect.set(target, key, value);
        changed();
        return done;
      },
    },
  );
}

class WatchedMap<K, V> extends Map<K, V> {
  readonly #changed: (() => void) | undefined;

  constructor(entries: Iterable<readonly [K, V]>, changed: () => void) {
    super(entries);
    this.#changed = changed;
  }

  override set(key: K, value: V): this {
    super.set(key, value);
    // Not yet there while the map itself is being made.
    if (#changed in this) this.#changed?.();
    return this;
  }

  override delete(key: K): boolean {
    const done = super.delete(key);
    this.#changed?.();
    return done;
  }
}
