import { STORM_MODES, type StormMode } from '../journal/storm-modes.ts';

/** The mode that a word names. */
export const modeNamed = (word: string): StormMode | undefined => STORM_MODES.find(each => each === word);
