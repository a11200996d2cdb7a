/** What the other rooms may use of sync. */
export { cleanStep } from './clean.ts';
export { type Judgement, judge, type Verdict } from './converge.ts';
export { type Forecast, forecast, hindsight } from './forecast.ts';
export { type HotPath, recurring } from './hot.ts';
export { linkLimit } from './link-limit.ts';
export { canMeasure, measureStep } from './measure.ts';
export { metricsOf, type PassMetrics, scanFloor } from './metrics.ts';
export { cleanStepId } from './names.ts';
export { nextPass, nextVerify, type PassPlan, settingsOf } from './plan-passes.ts';
export { runningJob } from './running.ts';
export { syncOutlook, syncSteps } from './steps.ts';
