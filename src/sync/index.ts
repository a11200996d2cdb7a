/** What the other rooms may use of sync. */
export { cleanStep } from './clean.ts';
export {
  clearLeftovers,
  leftoverActions,
  listSnapshots,
  type OwnSnapshot,
  snapshotLeftovers,
} from './consistency/index.ts';
export { type Judgement, judge, type Verdict } from './converge.ts';
export { type Forecast, forecast, hindsight } from './forecast.ts';
export { type HotPath, recurring } from './hot.ts';
export { linkCleanStep, linkCleanStepId } from './link/clean.ts';
export { type LinkPair, linkPairs } from './link/pairs.ts';
export { linkStep } from './link/step.ts';
export { linkLimit } from './link-limit.ts';
export { canMeasure, measureStep } from './measure.ts';
export { metricsOf, type PassMetrics, scanFloor } from './metrics.ts';
export {
  afterMover,
  type Choice,
  type Costs,
  costsOf,
  firstCopy,
  isMoverDue,
  type MoverCost,
  moverSteps,
  type NoChoice,
  type Suggestion,
  type Switch,
  situationOf,
  suggestionFor,
  switchTo,
} from './mover/index.ts';
export { blockEligibility, type Eligibility } from './movers/blocks/eligible.ts';
export { finishMerge, finishMergeActions } from './movers/blocks/finish.ts';
export {
  type BlocksLeftover,
  blocksLeftovers,
  cleanBlocks,
  cleanBlocksActions,
  hasUsedBlocks,
} from './movers/blocks/leftovers.ts';
export {
  incomingPath,
  piecesDirectory,
  replicaDiskPath,
  stagingDirectory,
} from './movers/blocks/names.ts';
export { observeBlocksStep } from './movers/blocks/observe.ts';
export { baseOf } from './movers/blocks/plan.ts';
export { cleanStepId } from './names.ts';
export { nextPass, nextVerify, type PassPlan, settingsOf } from './plan-passes.ts';
export { rateOf } from './rate.ts';
export { runningJob } from './running.ts';
export { syncOutlook, syncSteps } from './steps.ts';
