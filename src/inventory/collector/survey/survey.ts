import { SOFTWARE_PART } from './software.ts';
import { SURROUNDINGS_PART } from './surroundings.ts';
import { LAST_COUNTERS } from './system/kernel.ts';
import { SYSTEM_PART } from './system.ts';

/**
 * What the wide look asks after everything that a copy needs has been asked: an answer that is cut off in here costs
 * nothing but itself. `survey-end` is the last word.
 */
export const SURVEY_PART = `${SYSTEM_PART}${SOFTWARE_PART}${SURROUNDINGS_PART}${LAST_COUNTERS}probe survey-end true\n`;
