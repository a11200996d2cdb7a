import type { Clock } from '../foundation/clock.ts';
import type { Services } from './services.ts';
import type { ThemeName } from './theme.ts';

export interface UiOptions {
  readonly services: Services;
  readonly clock: Clock;
  readonly who: string;
  /** What to show first: the list of all, or one evacuation, opened or just started by the caller. */
  readonly begin: { readonly kind: 'home' } | { readonly kind: 'evacuation'; readonly name: string };
  readonly terminal: Terminal;
  readonly unicode: boolean;
  readonly theme: ThemeName;
  readonly screenReader: boolean;
  /** Redraws only lines that changed; off for terminals that draw wide characters wrongly. */
  readonly incremental: boolean;
  /** Ends the screens as `q` does: SIGTERM, a hang-up. */
  readonly signal: AbortSignal;
  /** Stops this process as ctrl+z does, and resolves when it goes on. */
  readonly stopProcess: () => Promise<void>;
}

export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** What the engineer had open when they left. */
export interface UiEnd {
  readonly evacuation?: { readonly name: string; readonly engineRuns: boolean };
}
