import type { GuestFacts } from '../../journal/facts.ts';
import type { ProofCheck } from '../../journal/proof-facts.ts';
import type { CheckPlan } from '../../plan/schema.ts';
import type { CheckAnswer, Evidence } from '../evidence.ts';
import { checks } from './checks.ts';
import { identity } from './identity.ts';
import { standsInTheWay } from './index.ts';
import { sockets } from './sockets.ts';
import { storage } from './storage.ts';
import type { Expected, Judge, Seen } from './subject.ts';
import { units } from './units.ts';

/** What a standby that runs as its machine has answered over SSH. */
export interface RunningAnswers {
  /** Read by the inventory's own collector. */
  readonly guest: Omit<GuestFacts, 'rsync'>;
  /** By the place of the check in the plan. */
  readonly checks: ReadonlyMap<number, CheckAnswer>;
}

/** The judges of a proof that ask for nothing that only a proof has: its console, its island, its nonce. */
const JUDGES: readonly Judge[] = [identity, storage, units, sockets, checks];

/**
 * Whether a machine that runs at the target is its source, with everything that ran there: `failed` is what stands in
 * the way of saying so. Nothing is held from it: at a cutover everything runs.
 */
export function judgeRunning(
  expected: {
    readonly machine: string;
    readonly guest: GuestFacts;
    readonly copied: readonly string[];
    readonly checks: readonly CheckPlan[];
  },
  answers: RunningAnswers,
): { readonly all: readonly ProofCheck[]; readonly failed: readonly ProofCheck[] } {
  const wanted: Expected = { ...expected, held: [], nonce: '', island: '', limitMs: 0 };
  const seen: Seen = { console: [], touched: undefined, compared: [], evidence: evidenceOf(answers) };
  // Whether its guest agent answers says nothing that SSH has not said; nor do files of keys that it may not read.
  const untold = answers.guest.hostKeys === undefined ? ['agent', 'host-key'] : ['agent'];
  const all = JUDGES.flatMap(judge => judge(wanted, seen)).filter(({ check }) => !untold.includes(check));
  return { all, failed: standsInTheWay(all) };
}

function evidenceOf({ guest, checks: answered }: RunningAnswers): Evidence {
  return {
    nonce: '',
    machineId: guest.machineId,
    bootId: guest.bootId ?? '',
    kernel: guest.kernel,
    cmdline: '',
    running: undefined,
    failedUnits: guest.failedUnits ?? [],
    waitingJobs: [],
    journals: new Map(),
    keyFiles: guest.hostKeys ?? [],
    keysShown: [],
    egress: [],
    checks: answered,
    guest,
  };
}
