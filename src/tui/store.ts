import type { Session, Snapshot } from '../evacuation/engine/session.ts';
import type { Clock } from '../foundation/clock.ts';
import { databaseRows } from '../reports/database-row.ts';
import { rowsOf } from '../reports/rows.ts';
import { stagesOf } from '../reports/stages.ts';
import { type Gates, rememberGates } from './gates.ts';
import { ordersOfOthers } from './others.ts';
import { rememberOutlook } from './outlook.ts';
import type { LoadedData, View } from './screen.ts';
import type { Loaded } from './services.ts';
import type { Glyphs } from './text/glyphs.ts';
import { placeOf, reduceUi, type UiAction, type UiState } from './ui-state.ts';

/**
 * The one source of what is on the screen, outside of React: the session's snapshot, what services brought, where the
 * engineer is, and the time. Components only read it.
 */
export interface Store {
  /** The same object until something changed. */
  readonly view: () => View;
  readonly subscribe: (listener: () => void) => () => void;
  act(action: UiAction): void;
  session(): Session | undefined;
  /** Shows another evacuation, or none; the session before is closed. */
  show(session: Session | undefined): Promise<void>;
  /** Puts what a promise brings into `loaded`; a rejection is shown, never thrown. */
  load<K extends keyof LoadedData>(key: K, value: Promise<ValueOf<K>>): Promise<void>;
  /** As if it had never been asked for. */
  forget(key: keyof LoadedData): void;
  /** True once it was closed: what comes back late has nobody to show it to. */
  readonly isOver: () => boolean;
  close(): Promise<void>;
}

type ValueOf<K extends keyof LoadedData> = LoadedData[K] extends Loaded<infer T> ? T : never;

export interface StoreOptions {
  readonly ui: UiState;
  readonly glyphs: Glyphs;
  readonly clock: Clock;
  /** What went wrong, in words, for a promise that was rejected. */
  readonly explain: (thrown: unknown) => { readonly what: string; readonly next: readonly string[] };
  /** Milliseconds between looks at the clock; a screen reader hears changes less often. */
  readonly tickMs: number;
  /** Facts are shown at most this often: fifty events a second must not mean fifty frames. */
  readonly factsMs: number;
}

export const NOTHING_LOADED: LoadedData = {
  evacuations: { state: 'none' },
  plans: { state: 'none' },
  findings: { state: 'none' },
  notes: { state: 'none' },
  tail: { state: 'none' },
  preview: { state: 'none' },
  proofs: { state: 'none' },
  itemCommands: { state: 'none' },
  draft: { state: 'none' },
};

type Counted = Pick<View, 'rows' | 'databases' | 'stages' | 'gates' | 'outlook'>;

export function createStore(options: StoreOptions): Store {
  return new TuiStore(options);
}

class TuiStore implements Store {
  readonly #options: StoreOptions;
  readonly #listeners = new Set<() => void>();
  readonly #over = new AbortController();
  #ui: UiState;
  #loaded: LoadedData = NOTHING_LOADED;
  #session: Session | undefined;
  #unsubscribe: () => void = () => {};
  #now: number;
  #view: View | undefined;
  #busySince: number;
  /** The stages as a toast about them found them. */
  #toldOf: View['stages'] = [];
  /** The snapshot that was shown last, to see what others have ordered since. */
  #seen: Snapshot | undefined;
  readonly #gates = rememberGates();
  readonly #outlook = rememberOutlook();
  #facts: Promise<void> | undefined;
  #counted:
    | {
        readonly snapshot: Snapshot;
        readonly now: number;
        readonly commands: LoadedData['itemCommands'];
        readonly verdicts: ReturnType<Gates['verdicts']>;
        /** Machines whose proof counted then. */
        /** What time alone can change: proofs and observations that grow too old. */
        readonly proven: string;
        readonly part: Counted;
      }
    | undefined;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#ui = options.ui;
    this.#now = options.clock.now();
    this.#busySince = this.#now;
    void this.#tick();
  }

  // React calls these two without their object.
  readonly view = (): View => {
    this.#view ??= this.#assemble();
    return this.#view;
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  act(action: UiAction): void {
    const before = this.#ui;
    this.#ui = reduceUi(before, action);
    if (this.#ui.toast !== before.toast && this.#ui.toast?.ofStages === true)
      this.#toldOf = this.view().stages;
    if (this.#ui.busy !== before.busy) this.#busySince = this.#options.clock.now();
    if (this.#ui !== before) this.#changed();
  }

  session(): Session | undefined {
    return this.#session;
  }

  readonly isOver = (): boolean => this.#over.signal.aborted;

  async show(session: Session | undefined): Promise<void> {
    // The engineer left while it was being opened: nobody else would ever close it.
    if (this.#over.signal.aborted) {
      await session?.close();
      return;
    }
    const before = this.#session;
    this.#unsubscribe();
    this.#session = session;
    this.#counted = undefined;
    this.#seen = session?.snapshot();
    this.#loaded = {
      ...this.#loaded,
      notes: { state: 'none' },
      tail: { state: 'none' },
      preview: { state: 'none' },
      proofs: { state: 'none' },
      itemCommands: { state: 'none' },
      findings: { state: 'none' },
    };
    this.#unsubscribe = session?.subscribe(() => this.#factsChanged()) ?? (() => {});
    this.#changed();
    await before?.close();
  }

  async load<K extends keyof LoadedData>(key: K, value: Promise<ValueOf<K>>): Promise<void> {
    const before = this.#loaded[key];
    if (before.state !== 'here') this.#put(key, { state: 'loading', since: this.#options.clock.now() });
    try {
      this.#put(key, { state: 'here', value: await value, at: this.#options.clock.now() });
    } catch (thrown) {
      this.#put(key, { state: 'failed', ...this.#options.explain(thrown) });
    }
  }

  forget(key: keyof LoadedData): void {
    this.#loaded = { ...this.#loaded, [key]: { state: 'none' } };
    this.#changed();
  }

  async close(): Promise<void> {
    this.#over.abort();
    this.#unsubscribe();
    this.#listeners.clear();
    await this.#session?.close();
  }

  #put<K extends keyof LoadedData>(key: K, value: Loaded<ValueOf<K>>): void {
    this.#loaded = { ...this.#loaded, [key]: value };
    this.#changed();
  }

  #changed(): void {
    this.#view = undefined;
    for (const listener of this.#listeners) listener();
  }

  /** The first change is seen soon, the ones close behind it together. */
  #factsChanged(): void {
    const { clock, factsMs } = this.#options;
    this.#facts ??= clock
      .sleep(factsMs, this.#over.signal)
      .then(() => {
        this.#facts = undefined;
        this.#now = clock.now();
        this.#changed();
        this.#retell();
      })
      .catch(ended);
  }

  /** A toast about stages goes when one of them changes; what somebody else ordered is told in place of any other. */
  #retell(): void {
    const snapshot = this.#session?.snapshot();
    const seen = this.#seen;
    this.#seen = snapshot;
    if (snapshot === undefined || seen === undefined) return;
    const text = ordersOfOthers(seen, snapshot);
    if (text !== undefined) {
      this.act({ type: 'toast', toast: { text, tone: 'plain', until: this.#now + OTHERS_MS } });
      return;
    }
    if (this.#ui.toast?.ofStages !== true) return;
    const { stages } = this.view();
    if (stages.some(({ state }, index) => this.#toldOf[index]?.state !== state))
      this.act({ type: 'toast', toast: undefined });
  }

  async #tick(): Promise<void> {
    const { clock, tickMs } = this.#options;
    const { signal } = this.#over;
    while (!signal.aborted) {
      const machines = Object.keys(this.#session?.snapshot().plan.machines ?? {}).length;
      await clock.sleep(tickMs * pace(machines), signal).catch(ended);
      if (signal.aborted) return;
      this.#now = clock.now();
      const { toast, busy } = this.#ui;
      if (toast !== undefined && toast.until <= this.#now)
        this.#ui = reduceUi(this.#ui, { type: 'toast', toast: undefined });
      const isHome = placeOf(this.#ui).screen === 'home';
      // Elsewhere nothing ticks without an evacuation, except a toast that has just gone.
      if (this.#session !== undefined || toast !== undefined || busy !== undefined || isHome) this.#changed();
    }
  }

  #assemble(): View {
    const { glyphs } = this.#options;
    const busy = this.#ui.busy === undefined ? {} : { busySince: this.#busySince };
    const base = { now: this.#now, ui: this.#ui, glyphs, loaded: this.#loaded, ...busy };
    const snapshot = this.#session?.snapshot();
    return snapshot === undefined
      ? { ...base, rows: [], databases: [], stages: [] }
      : { ...base, snapshot, ...this.#count(snapshot) };
  }

  /** Keys must be answered at once: what does not change with them is not counted again. */
  #count(snapshot: Snapshot): Counted {
    const before = this.#counted;
    const { itemCommands: commands } = this.#loaded;
    if (before?.snapshot === snapshot && before.now === this.#now && before.commands === commands)
      return before.part;
    const view = { plan: snapshot.plan, state: snapshot.state };
    const gates = this.#gates(snapshot, this.#now);
    const verdicts = gates.verdicts();
    const rows = rowsOf(view, this.#now);
    // Time alone moves no stage, but for proofs that grow too old and databases that fall silent.
    const databases = databaseRows(view, this.#now);
    const proven = [
      ...rows.map(({ proof }) => proof.standing),
      ...databases.map(({ status }) => status.kind),
    ].join();
    const isSame =
      before?.verdicts === verdicts &&
      before.snapshot.state === snapshot.state &&
      before.snapshot.plan === snapshot.plan &&
      before.proven === proven;
    const stages = isSame ? before.part.stages : stagesOf(view, this.#now, verdicts);
    const known = commands.state === 'here' ? commands.value : undefined;
    const outlook = this.#outlook(snapshot, this.#now, known);
    const part = { rows, databases, stages, gates, outlook };
    this.#counted = { snapshot, now: this.#now, commands, verdicts, proven, part };
    return part;
  }
}

/** Sleeps end early when the store is closed; nothing is left to do then. */
const ended = (): void => {};

/** So long it is told what another engineer has ordered. */
const OTHERS_MS = 12_000;

/** Seconds tick for a fleet that a person can watch; figures of hundreds of machines move in larger steps. */
const MACHINES_A_SECOND = 150;
const pace = (machines: number): number => Math.max(1, Math.ceil(machines / MACHINES_A_SECOND));
