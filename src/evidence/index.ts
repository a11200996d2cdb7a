export { type Packed, type PackOptions, pack } from './pack.ts';
export { type DecisionRecord, recordOf } from './record.ts';
export { type Check, type Verified, verifyEvidence } from './verify.ts';
