/**
 * Remedies are written for the command line, where an engineer runs the command again. In the screens the same is a
 * key.
 */
export const inKeys = (remedy: string): string =>
  remedy.replace(/\b(R|r)un the same command again/g, (_whole, first: string) =>
    first === 'R' ? 'Press r to try it again' : 'press r to try it again',
  );

/** True for a remedy that itself ends in trying again: then nobody has to say so a second time. */
export const endsInRetry = (remedy: string): boolean => /run the same command again/i.test(remedy);
