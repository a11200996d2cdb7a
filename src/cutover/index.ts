export { lossOf } from './closing.ts';
export { cutoverCommands } from './commands.ts';
export type { Deed } from './deed.ts';
export { isCutoverLive, isInCutover, isSourceLost } from './in-cutover.ts';
export { cutoverOutlook, cutoverSteps } from './steps.ts';
export { peopleOwe } from './undo.ts';
