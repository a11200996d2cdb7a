import type { LandfallError } from '../foundation/errors.ts';
import { formatFailure } from './failure.ts';
import type { Io } from './io.ts';
import type { Style } from './style.ts';

/** What went wrong beside an evacuation, as it is told to people. */
export interface Troubles {
  tell(error: LandfallError): void;
  /** Says what could not be said while the screen was drawn. */
  end(): void;
}

const KEPT = 50;

/**
 * Each trouble is told once, and at once where nothing draws over it: an engine may go on for weeks, and what is said
 * only at its end is said too late.
 */
export function createTroubles(io: Pick<Io, 'err'>, style: Style, isDrawing: boolean): Troubles {
  const known = new Map<string, LandfallError>();
  return {
    tell(error) {
      const key = `${error.code} ${error.facts.what}`;
      if (known.has(key) || known.size >= KEPT) return;
      known.set(key, error);
      if (!isDrawing) io.err(formatFailure(error, style));
    },
    end() {
      if (isDrawing) for (const error of known.values()) io.err(formatFailure(error, style));
    },
  };
}
