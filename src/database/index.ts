/** What the other rooms may use of the database room. */
export { type Identity, readIdentity } from './assess/identity.ts';
export { handoverStage, isClosedForHandover, reverseScript, thawStage } from './handover/index.ts';
export { followingStages, laneOf } from './lanes.ts';
export { isWorthTelling, observe, observeStatements } from './monitor/index.ts';
export { type DatabaseRef, refOf } from './names.ts';
export { actionOf, previewOf } from './preview.ts';
export { sceneOf, stateOf, workOf } from './scene.ts';
export { shippingRound } from './shipping/index.ts';
export type { Scene, Stage, Work } from './stage.ts';
export { databaseOutlook, databaseStepId, databaseSteps, orderedSteps } from './steps.ts';
export { serverSurveySteps } from './survey/step.ts';
export { trackingRound } from './tracking/index.ts';
