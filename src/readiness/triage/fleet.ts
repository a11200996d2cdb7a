import type { State } from '../../journal/state.ts';
import { endedPasses, passUnderWay, sentBytes } from '../copy.ts';
import { newestEndedProof } from '../proofs.ts';

/** What the machines that are ahead teach about those that are not. */
export interface Fleet {
  /** Bytes on the wire for a byte of a first copy: what compression and the clone spare. 0 to 1. */
  readonly squeeze: number;
  /** Bytes per second of a comparison that reads everything at both sides. */
  readonly readRate: number;
  /** What a boot proof takes, ms; absent before the first. */
  readonly proofMs?: number;
  /** Bytes per second that a pass which runs now may have got; 0 where the link was never measured. */
  readonly streamRate: number;
}

/** A plain disk that is read from end to end while others read, too; bytes per second. */
const READ_RATE = 80e6;
const LEAST_SQUEEZE = 0.05;

/** `linkRate` in bytes per second where it was measured. */
export function fleetOf(state: State, linkRate: number | undefined): Fleet {
  const machines = Object.values(state.machines);
  const full = machines.flatMap(each => endedPasses(each).filter(({ kind }) => kind === 'full'));
  const sent = full.reduce((sum, pass) => sum + sentBytes(pass), 0);
  const total = full.reduce(
    (sum, { ended }) => sum + ended.runs.reduce((all, run) => all + run.totalBytes, 0),
    0,
  );
  const compared = machines.flatMap(({ verified }) => verified ?? []);
  const read = compared.reduce((sum, { bytesCompared }) => sum + bytesCompared, 0);
  const readMs = compared.reduce((sum, { ms }) => sum + ms, 0);
  const proofs = machines.flatMap(each => newestEndedProof(each)?.ended.ms ?? []).toSorted((a, b) => a - b);
  const proofMs = proofs[Math.floor(proofs.length / 2)];
  const running = machines.filter(each => passUnderWay(each) !== undefined).length;
  return {
    squeeze: total === 0 ? 1 : Math.min(1, Math.max(LEAST_SQUEEZE, sent / total)),
    readRate: read > 0 && readMs > 0 ? (read * 1000) / readMs : READ_RATE,
    ...(proofMs === undefined ? {} : { proofMs }),
    streamRate: linkRate === undefined ? 0 : linkRate / Math.max(1, running),
  };
}
