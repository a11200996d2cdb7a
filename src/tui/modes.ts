import type { StormMode } from '../journal/events-cutover.ts';

/** Every mode stands here: the words with which one is switched to. */
const KNOWN = { calm: true, squeeze: true, 'last-call': true, dark: true } as const satisfies Record<
  StormMode,
  true
>;

const isMode = (word: string): word is StormMode => Object.hasOwn(KNOWN, word);

export const MODES: readonly StormMode[] = Object.keys(KNOWN).filter(isMode);

export const modeNamed = (word: string): StormMode | undefined => MODES.find(each => each === word);
