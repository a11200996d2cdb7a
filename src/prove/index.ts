/** What the other rooms may use of the boot proof. */
export { proofDomainName, proofStepId } from './names.ts';
export { dueProof, hasCopy, proveOutlook, proveSteps } from './steps.ts';
