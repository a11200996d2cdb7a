import type { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { Hop, ReplicationTrouble } from '../../journal/database-facts.ts';
import { literal } from '../../remote/sql/quote.ts';
import type { Role } from '../../remote/sql/statement.ts';
import type { Scene } from '../stage.ts';
import type { AgentRow, ErrorRow } from './ask-distributor.ts';
import { classify, isOfData } from './classify.ts';
import { provenOf, wentBack } from './exposure.ts';
import { stateOf } from './hops.ts';
import { laneTroubles } from './lane-troubles.ts';
import { isNewer } from './marker.ts';
import { type Answer, known, type Observation } from './observation.ts';
import { logTroubles } from './production-log.ts';
import { queueTroubles } from './queue.ts';

/** What is wrong with the copy's following, of one look; pure. Blockers first. */
export function troublesOf(scene: Scene, observation: Observation): ReplicationTrouble[] {
  const found = [
    ...unanswered(observation),
    ...clocks(scene, observation),
    ...agentTroubles(observation),
    ...queueTroubles(observation),
    ...logTroubles(scene, observation),
    ...laneTroubles(scene, observation),
  ];
  const once = new Map(found.map(each => [`${each.code} ${each.number ?? ''} ${each.what}`, each]));
  return [...once.values()].sort((one, other) => rank(one) - rank(other));
}

const rank = ({ severity }: ReplicationTrouble): number => (severity === 'blocker' ? 0 : 1);

const AWAY: ReadonlySet<string> = new Set([
  'sql.unreachable',
  'sql.connection-lost',
  'sql.timeout',
  'sql.login-refused',
  'sql.certificate',
]);

const CONSEQUENCES: Readonly<Record<Role, string>> = {
  publisher:
    'what was committed after the last proven marker is at risk; where the source is lost, hand over with --dark',
  distributor: 'nothing is delivered until it is back',
  subscriber: 'commands are kept for it as long as the distributor keeps them',
};

const away = (role: Role, error: LandfallError): ReplicationTrouble => ({
  code: `${role}-unreachable`,
  severity: 'blocker',
  what: `${error.facts.what}: ${CONSEQUENCES[role]}`,
  remedy: error.facts.next[0] ?? 'look whether the server is up',
  evidence: (error.facts.evidence ?? []).map(harmless),
});

const unseen = (error: LandfallError): ReplicationTrouble => ({
  code: 'not-observable',
  severity: 'warning',
  what: `landfall cannot see everything: ${error.facts.what}`,
  remedy: error.facts.next[0] ?? 'read the error of the server',
  evidence: (error.facts.evidence ?? []).map(harmless),
});

/** Servers that are away, once each, and questions that a server would not answer. */
function unanswered(observation: Observation): ReplicationTrouble[] {
  const asked: readonly (readonly [Role, Answer<unknown> | undefined])[] = [
    ['publisher', observation.production],
    ['publisher', observation.written],
    ['publisher', observation.waiting],
    ['subscriber', observation.arrived],
    ['subscriber', observation.shipped],
    ['subscriber', observation.followed],
    ['distributor', observation.agents],
    ['distributor', observation.tracers],
    ['distributor', observation.pending],
    ['distributor', observation.errors],
    ['distributor', observation.queue],
  ];
  const told = new Map<string, ReplicationTrouble>();
  for (const [role, answer] of asked) {
    if (answer === undefined || answer.answered) continue;
    const trouble = AWAY.has(answer.error.code) ? away(role, answer.error) : unseen(answer.error);
    const key = AWAY.has(answer.error.code) ? trouble.code : trouble.what;
    if (!told.has(key)) told.set(key, trouble);
  }
  return [...told.values()];
}

const RECENTLY = 10 * 60_000;

/** A server that was started again, or a database that lives in the past of what was seen of it. */
function clocks({ state }: Scene, observation: Observation): ReplicationTrouble[] {
  const before = state.observed?.sample;
  const proven = provenOf(observation, state.observed);
  const written = known(observation.written);
  const production = known(observation.production);
  const found: ReplicationTrouble[] = [];
  if (production?.started_at != null && state.released !== undefined) {
    const upFor = production.now - production.started_at;
    if (upFor < RECENTLY && observation.now - upFor > state.released.at)
      found.push({
        code: 'publisher-restarted',
        severity: 'warning',
        what: `the publisher was started again ${Math.round(upFor / 1000)} s ago`,
        remedy: 'see that the log reader works again and markers arrive; otherwise start its job',
        at: production.started_at,
        evidence: [`tempdb was made at ${new Date(production.started_at).toISOString()}`],
      });
  }
  if (wentBack(proven, before?.proven) && proven !== undefined && before?.proven !== undefined)
    found.push({
      code: 'subscriber-went-back',
      severity: 'blocker',
      what: 'the copy shows an older marker than it has shown before: it was restored from an old backup',
      remedy: `compare it with production and repair it: landfall database reconcile, then validate; where the distributor no longer keeps what is missing, seed again`,
      evidence: [
        `marker ${before.proven.id} of ${iso(before.proven.at)} was seen, now the newest is ${proven.id} of ${iso(proven.at)}`,
      ],
    });
  const seen = [proven, before?.written].filter(each => each !== undefined);
  const future = written === undefined ? undefined : seen.find(each => isNewer(each, written));
  if (future !== undefined && written !== undefined)
    found.push({
      code: 'publisher-went-back',
      severity: 'blocker',
      what: 'production has older markers than were seen before: it was restored from a backup, or is another database',
      remedy: 'do not let the copy follow it: assess again, and seed again from what production is now',
      evidence: [`production wrote marker ${written.id}, marker ${future.id} of ${iso(future.at)} was seen`],
    });
  return found;
}

const iso = (at: number): string => new Date(at).toISOString();

const AGENTS = { 'log-reader': 'log reader', distribution: 'distribution agent' } as const;
const CODES = { 'log-reader': 'log-reader', distribution: 'distribution-agent' } as const;

/** Agents that do not work, by their last error where they have one, and errors that say that rows differ. */
function agentTroubles(observation: Observation): ReplicationTrouble[] {
  const agents = known(observation.agents);
  if (agents === undefined) return [];
  const errors = known(observation.errors) ?? [];
  const found = (['log-reader', 'distribution'] as const).flatMap(hop => {
    const agent = agents.find(each => each.hop === hop);
    return agent === undefined ? [absent(hop)] : ofAgent(agent, errors);
  });
  const told = new Set(found.map(({ number }) => number));
  const data = errors.flatMap(error => {
    const number = numberOf(error);
    return isOfData(number) && !told.has(number) && !isOwnProbe(error)
      ? [{ ...classify(number, error.said ?? ''), severity: 'warning' as const, at: error.at }]
      : [];
  });
  return [...found, ...firstOfEach(data)];
}

/** Catch-up sends a marker row that the copy has on purpose: whether the agent passes over it is what it finds out. */
const isOwnProbe = ({ said }: ErrorRow): boolean => /\[?landfall\]?\.\[?marker\b/.test(said ?? '');

const numberOf = ({ code }: ErrorRow): number => Number.parseInt(code ?? '', 10) || 0;

const firstOfEach = (troubles: readonly ReplicationTrouble[]): ReplicationTrouble[] => [
  ...new Map([...troubles].reverse().map(each => [each.code, each])).values(),
];

const absent = (hop: Hop['name']): ReplicationTrouble => ({
  code: `${CODES[hop]}-absent`,
  severity: 'blocker',
  what: `the distributor has no ${AGENTS[hop]} for this database`,
  remedy: 'set replication up again: landfall database replicate makes what is missing',
  evidence: [],
});

function ofAgent(agent: AgentRow, errors: readonly ErrorRow[]): ReplicationTrouble[] {
  const state = stateOf(agent);
  if (state === 'absent') return [absent(agent.hop)];
  if (state === 'idle' || state === 'working' || state === 'starting' || state === 'unknown') return [];
  const said = [
    `${harmless(agent.agent)}: ${harmless((agent.said ?? 'no history').slice(0, 400))}`,
    ...(agent.said_at == null ? [] : [`said at ${iso(agent.said_at)}`]),
  ];
  const cause = errors.find(({ id }) => id === agent.error_id);
  if (state !== 'stopped' && cause !== undefined) {
    const known = classify(numberOf(cause), cause.said ?? '');
    return [{ ...known, at: cause.at, evidence: [...known.evidence, ...said] }];
  }
  const job = agent.job ?? agent.agent;
  const start = `on the distributor: EXEC msdb.dbo.sp_start_job @job_name = ${literal(harmless(job))}`;
  return [
    {
      code: `${CODES[agent.hop]}-${state}`,
      severity: state === 'retrying' ? 'warning' : 'blocker',
      what: `the ${AGENTS[agent.hop]} ${state === 'stopped' ? 'does not run' : state === 'failed' ? 'has failed' : 'tries again and again'}${agent.enabled === false ? '; its job is disabled' : ''}`,
      remedy:
        agent.enabled === false
          ? `on the distributor: EXEC msdb.dbo.sp_update_job @job_name = ${literal(harmless(job))}, @enabled = 1; then start it`
          : start,
      ...(agent.said_at == null ? {} : { at: agent.said_at }),
      evidence: said,
    },
  ];
}
