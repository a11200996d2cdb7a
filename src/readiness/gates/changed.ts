import { bootBasis } from '../../journal/boot-basis.ts';
import type { DatabaseState, MachineState, State } from '../../journal/state.ts';
import type { PlanPart } from '../../plan/changes.ts';
import { newestEnded } from '../copy.ts';
import type { GateFacts } from '../gate.ts';
import { newestEndedProof } from '../proofs.ts';
import type { MachineSubject } from './subject.ts';

/**
 * Whatever a gate rests on may change after its evidence was taken: the plan, the source, the replica, the standby. Then
 * a gate that was met is unproven again, and says what changed. One table says what each rests on.
 */

/** When the evidence of a check was taken, epoch ms; undefined where there is none that could grow old. */
type Taken = (machine: MachineState) => number | undefined;

interface Rests {
  readonly plan: readonly PlanPart[];
  /** True where it speaks of what is in the replica. */
  readonly replica?: true;
  readonly taken: Taken;
}

const observedAt: Taken = machine => machine.observed?.at;
/** Where blocks move a machine, nothing is prepared in a receiver: its volumes are all that is built. */
const builtAt: Taken = ({ mover, receiver, replica }) =>
  mover?.mover === 'blocks' ? replica?.at : (receiver?.prepared?.at ?? replica?.at);
const copiedAt: Taken = machine => newestEnded(machine)?.startedAt;
const verifiedAt: Taken = machine => machine.verified?.at;
const provedAt: Taken = machine => newestEndedProof(machine)?.startedAt;

const OF_MACHINES: Readonly<Record<string, Rests>> = {
  inventory: { plan: ['source'], taken: observedAt },
  identity: { plan: ['source'], taken: observedAt },
  built: { plan: ['target'], taken: builtAt },
  drift: { plan: ['source'], taken: observedAt },
  standby: { plan: ['target'], taken: machine => machine.standby?.at },
  'first-pass': { plan: ['source', 'target'], replica: true, taken: copiedAt },
  converged: { plan: ['source', 'target'], replica: true, taken: copiedAt },
  consistency: { plan: ['source'], replica: true, taken: copiedAt },
  'last-pass-clean': { plan: ['source', 'target'], replica: true, taken: copiedAt },
  verified: { plan: ['source', 'target'], replica: true, taken: verifiedAt },
  'verification-recent': { plan: ['source', 'target'], replica: true, taken: verifiedAt },
  'boot-proof': { plan: ['source', 'target', 'proof'], taken: provedAt },
};

const PART_WORDS: Readonly<Record<PlanPart, string>> = {
  source: 'where the source is',
  target: 'where it goes',
  copy: 'what travels',
  proof: 'what a proof tries',
  servers: 'its servers',
};

/** The check as it stands against what has changed since its evidence was taken. Only what is met can be shaken. */
export function asItIsNow(facts: GateFacts, { name, machine }: MachineSubject, state: State): GateFacts {
  const rests = Object.hasOwn(OF_MACHINES, facts.check) ? OF_MACHINES[facts.check] : undefined;
  if (facts.verdict !== 'pass' || rests === undefined || machine === undefined) return facts;
  const taken = rests.taken(machine);
  const since = [
    ...planChanges(state, `machine/${name}`, rests.plan, taken),
    ...(rests.replica === true ? replicaChanges(machine) : []),
    ...(facts.check === 'boot-proof' ? bootChanges(machine) : []),
  ];
  return since.length === 0 ? facts : shaken(facts, since, remedyOf(facts, name));
}

const RUN = 'let it be looked at and copied again: landfall run <the plan file>';

const remedyOf = ({ check }: GateFacts, name: string): string =>
  check === 'boot-proof' ? `prove it again: landfall prove <the plan file> ${name}` : RUN;

const shaken = (facts: GateFacts, since: readonly string[], remedy: string): GateFacts => ({
  ...facts,
  verdict: 'unproven',
  evidence: [...since, ...facts.evidence],
  remedy,
});

/** What an accepted plan changed after the evidence was taken; a journal that does not say what, may mean anything. */
function planChanges(
  { evacuation }: State,
  subject: string,
  parts: readonly PlanPart[],
  taken: number | undefined,
): string[] {
  const changed = evacuation?.planChanged ?? {};
  const isNewer = (key: string): boolean =>
    Object.hasOwn(changed, key) && (changed[key] ?? 0) > (taken ?? Number.NEGATIVE_INFINITY);
  if (isNewer('*')) return ['a changed plan was accepted since, and its journal does not say what changed'];
  return parts
    .filter(part => isNewer(`${subject}/${part}`))
    .map(part => `a changed plan was accepted since: it says otherwise ${PART_WORDS[part]}`);
}

/** Disks that were made anew are empty: no pass before that counts. By the order of the journal, and by its times. */
function replicaChanges(machine: MachineState): string[] {
  const { replica } = machine;
  const newest = newestEnded(machine);
  if (replica === undefined || newest === undefined) return [];
  const isBefore = (replica.afterPass ?? 0) >= newest.pass || replica.at > newest.startedAt;
  return isBefore ? [`the replica was made anew after pass ${newest.pass} began`] : [];
}

/** What a start of the copy rests on, and that is not as it was when it was proved. */
function bootChanges(machine: MachineState): string[] {
  const basis = newestEndedProof(machine)?.basis;
  // Journals of older versions do not say what a proof rests on.
  if (basis === undefined) return [];
  const now = machine.observed === undefined ? undefined : bootBasis(machine.observed);
  return [
    ...(basis.source === undefined || now === undefined ? [] : differences(basis.source, now)),
    ...(basis.standby !== undefined &&
    machine.standby !== undefined &&
    machine.standby.digest !== basis.standby
      ? ['the standby was defined anew since it was proved']
      : []),
  ];
}

function differences(then: readonly string[], now: readonly string[]): string[] {
  const [before, after] = [new Set(then), new Set(now)];
  return [
    ...now
      .filter(each => !before.has(each))
      .map(each => `new at the source since it was proved: ${briefly(each)}`),
    ...then
      .filter(each => !after.has(each))
      .map(each => `gone from the source since it was proved: ${briefly(each)}`),
  ];
}

/** Options of a mount may hold a name or worse; where it is mounted says enough. */
const briefly = (fact: string): string => fact.replace(/^(fstab: \S+ \S+).*$/, '$1');

const OF_DATABASES: Readonly<Record<string, (database: DatabaseState) => number | undefined>> = {
  assessed: database => database.assessed?.at,
  captured: database => (database.captured ?? database.released)?.at,
  replication: database => database.released?.at,
  agents: database => database.observed?.at,
  exposure: database => database.observed?.at,
  validated: database =>
    Math.max(database.validated?.exact?.at ?? 0, database.validated?.live?.at ?? 0) || undefined,
  besides: database => database.besides?.at,
};

/** The same for a database: another server is another database, whatever its name. */
export function databaseAsItIsNow(
  facts: GateFacts,
  name: string,
  database: DatabaseState | undefined,
  state: State,
): GateFacts {
  const takenOf = Object.hasOwn(OF_DATABASES, facts.check) ? OF_DATABASES[facts.check] : undefined;
  if (facts.verdict !== 'pass' || takenOf === undefined || database === undefined) return facts;
  const since = planChanges(state, `database/${name}`, ['servers'], takenOf(database));
  const remedy = `look at both servers again: landfall database assess <the plan file> ${name}`;
  return since.length === 0 ? facts : shaken(facts, since, remedy);
}
