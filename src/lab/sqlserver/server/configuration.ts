import { type OptionFacts, optionsOf } from './configuration-options.ts';
import type { Configuration, ConfigurationOption } from './instance.ts';
import type { ProductFacts } from './product.ts';

/** sp_configure's options: what was set, and what runs since the last RECONFIGURE or start. */
export class ServerConfiguration implements Configuration {
  readonly #facts: readonly OptionFacts[];
  readonly #configured = new Map<string, number>();
  readonly #running = new Map<string, number>();
  readonly #changed: () => void;

  /** @param kept what was configured before, by name */
  constructor(product: ProductFacts, kept: Readonly<Record<string, number>>, changed: () => void) {
    this.#facts = optionsOf(product);
    this.#changed = changed;
    for (const { name, initial } of this.#facts) {
      const value = kept[name] ?? initial;
      this.#configured.set(keyOf(name), value);
      this.#running.set(keyOf(name), value);
    }
  }

  value(name: string): number | undefined {
    return this.#running.get(keyOf(name));
  }

  options(): readonly ConfigurationOption[] {
    return this.#facts.map(({ initial, ...facts }) => ({
      ...facts,
      configured: this.#configured.get(keyOf(facts.name)) ?? initial,
      running: this.#running.get(keyOf(facts.name)) ?? initial,
      description: facts.name,
    }));
  }

  set(name: string, value: number): void {
    this.#configured.set(keyOf(name), value);
    this.#changed();
  }

  /** What is not dynamic runs after the next start only. */
  reconfigure(): void {
    for (const { name, dynamic, initial } of this.#facts)
      if (dynamic) this.#running.set(keyOf(name), this.#configured.get(keyOf(name)) ?? initial);
  }

  /** What differs from a new server, to be kept. */
  kept(): Readonly<Record<string, number>> {
    const different = this.#facts.flatMap(({ name, initial }) => {
      const value = this.#configured.get(keyOf(name)) ?? initial;
      return value === initial ? [] : [[name, value] as const];
    });
    return Object.fromEntries(different);
  }
}

const keyOf = (name: string): string => name.toLowerCase();
