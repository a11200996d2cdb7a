export { isFrozen as isClosedForHandover } from './freeze.ts';
export { freezeScript, thawScript } from './freeze-script.ts';
export { failbackBlockers, reverseScript, reverseText } from './reverse.ts';
export { FAILBACK_SCRIPT, handoverStage } from './stage.ts';
export { thawStage } from './thaw.ts';
