/** Who moves a machine: the choice, what it costs, and when it is due. */
export { type Choice, decide, firstCopy, type NoChoice } from './choose.ts';
export { type Costs, costsOf, type MoverCost } from './costs.ts';
export { type Situation, situationOf } from './situation.ts';
export { afterMover, isMoverDue, moverStep, moverStepId, moverSteps, needsLook } from './steps.ts';
export { type Suggestion, suggestionFor } from './suggest.ts';
export { type Switch, switchTo } from './switch.ts';
