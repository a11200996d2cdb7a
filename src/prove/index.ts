/** What the other rooms may use of the boot proof. */
export { CHECK_SCRIPT, checkCommand } from './check-command.ts';
export { judgeRunning, type RunningAnswers } from './judge/running.ts';
export { proofDomainName, proofStepId } from './names.ts';
export { dueProof, hasCopy, proveOutlook, proveSteps } from './steps.ts';
