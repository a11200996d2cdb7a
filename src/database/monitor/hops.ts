import { harmless } from '../../foundation/text.ts';
import type { Hop } from '../../journal/database-facts.ts';
import type { AgentRow, TracerRow } from './ask-distributor.ts';
import { known, type Observation } from './observation.ts';

const STATES: Readonly<Record<number, Hop['state']>> = {
  1: 'starting',
  2: 'stopped',
  3: 'working',
  4: 'idle',
  5: 'retrying',
  6: 'failed',
};

/**
 * What an agent is at. Its age is no failure: an idle agent writes its row again once in a while only (facts 3.4). But an
 * agent whose job does not run is stopped, whatever its row says; one that failed stays so until it is started.
 */
export function stateOf(agent: AgentRow): Hop['state'] {
  const said = agent.runstatus === null ? 'unknown' : (STATES[agent.runstatus] ?? 'unknown');
  if (!agent.has_job) return said === 'unknown' ? 'absent' : said;
  if (agent.running) return said === 'stopped' || said === 'unknown' ? 'starting' : said;
  return said === 'failed' || said === 'retrying' ? said : 'stopped';
}

/** Milliseconds of each hop by the newest token that passed it; two clocks may make less than nothing of it. */
export function latencies(tracers: readonly TracerRow[]): { readonly [hop in Hop['name']]?: number } {
  const read = tracers.find(each => each.to_distributor !== null)?.to_distributor;
  const applied = tracers.find(each => each.to_subscriber !== null)?.to_subscriber;
  return {
    ...(read == null ? {} : { 'log-reader': Math.max(0, read) }),
    ...(applied == null ? {} : { distribution: Math.max(0, applied) }),
  };
}

/** The pipeline, hop by hop; empty where the lane has none or the distributor did not answer. */
export function hopsOf(observation: Observation): Hop[] {
  const agents = known(observation.agents);
  if (agents === undefined) return [];
  const latency = latencies(known(observation.tracers) ?? []);
  const backlog = {
    'log-reader': known(observation.waiting),
    distribution: known(observation.pending),
  };
  return (['log-reader', 'distribution'] as const).map(name => {
    const agent = agents.find(each => each.hop === name);
    const waits = backlog[name];
    const ms = latency[name];
    return {
      name,
      agent: agent === undefined ? '' : harmless(agent.agent),
      state: agent === undefined ? 'absent' : stateOf(agent),
      ...(ms === undefined ? {} : { latencyMs: ms }),
      ...(waits === undefined ? {} : { backlog: waits }),
      ...(agent?.said_at == null ? {} : { saidAt: agent.said_at }),
      ...(agent?.said == null ? {} : { said: harmless(agent.said.slice(0, 400)) }),
    };
  });
}
