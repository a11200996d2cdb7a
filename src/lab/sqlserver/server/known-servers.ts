import type { ServerAddress, Servers } from './instance.ts';

/** Other servers by name, as linked servers and agents reach them. */
export class KnownServers implements Servers {
  readonly #byName = new Map<string, ServerAddress>();
  readonly #changed: () => void;

  constructor(kept: readonly ServerAddress[], changed: () => void) {
    for (const server of kept) this.#byName.set(server.name.toLowerCase(), server);
    this.#changed = changed;
  }

  find(name: string): ServerAddress | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  add(server: ServerAddress): void {
    this.#byName.set(server.name.toLowerCase(), server);
    this.#changed();
  }

  remove(name: string): void {
    this.#byName.delete(name.toLowerCase());
    this.#changed();
  }

  all(): readonly ServerAddress[] {
    return [...this.#byName.values()];
  }
}
