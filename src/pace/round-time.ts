import { formatDuration } from '../foundation/units.ts';

/** `15m` where a duration would read `15m00s`: what a plan says is said as the plan says it. */
export const roundTime = (ms: number): string => formatDuration(ms).replace(/(?<=[dhm])00[hms]$/, '');
