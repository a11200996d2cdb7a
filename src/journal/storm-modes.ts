/** How a storm is met. Words that others list: no schema here, so that whoever only lists them loads none. */
export const STORM_MODES = ['calm', 'squeeze', 'last-call', 'dark'] as const;
export type StormMode = (typeof STORM_MODES)[number];
