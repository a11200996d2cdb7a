/**
 * Keys that wait. What a key begins may need a moment before it stands; the keys behind it, which a slow line sends
 * together with it, are meant for what it opens and not for the screen that is still there.
 */
export interface HeldKeys {
  /** Keys wait until `work` is settled. */
  readonly until: <T>(work: Promise<T>) => Promise<T>;
  /** Presses the key, at once or once nothing is on its way any more. */
  readonly press: (key: () => void) => void;
  /** Forgets the keys that wait: what they were meant for is not what stands now. */
  readonly forget: () => void;
}

export function createHeldKeys(): HeldKeys {
  const waiting: Array<() => void> = [];
  let underWay = 0;
  const release = (): void => {
    underWay -= 1;
    // A key may begin something for which those behind it have to wait again.
    while (underWay === 0) {
      const next = waiting.shift();
      if (next === undefined) return;
      next();
    }
  };
  return {
    until: work => {
      underWay += 1;
      // Whoever waits for the work hears of its failure; here only its end counts.
      work.then(release, release);
      return work;
    },
    press: key => {
      if (underWay > 0) waiting.push(key);
      else key();
    },
    forget: () => {
      waiting.length = 0;
    },
  };
}
