import type { z } from 'zod';
import { harmless } from '../../foundation/text.ts';
import { instantOf } from './instants.ts';
import type { agentsQuestion } from './questions-server.ts';

export type AgentRow = z.infer<ReturnType<typeof agentsQuestion>['row']>;

/** What there is of replication already, one sentence each. */
export interface Replication {
  /** The distributor of this server, by its name. */
  readonly distributor?: string;
  /** Servers that distribute through this one. */
  readonly publishers: readonly string[];
  readonly publications: readonly { readonly database: string; readonly name: string }[];
  readonly subscriptions: readonly {
    readonly database: string;
    readonly publisher: string;
    readonly from: string;
    readonly publication: string;
  }[];
  readonly agents: readonly AgentRow[];
}

const LONGEST_ERROR = 160;

/** Sentences for people, those of what is broken first; `offset` in minutes ahead of UTC. */
export function replicationSaid(found: Replication, offset: number): string[] {
  const { distributor, publishers, publications, subscriptions, agents } = found;
  const said = agents.map(agent => ({ broken: isBroken(agent), text: agentSaid(agent, offset) }));
  return [
    ...said.filter(({ broken }) => broken).map(({ text }) => text),
    ...publications.map(({ database, name }) => `${database} is published as ${name}`),
    ...subscriptions.map(
      ({ database, publisher, from, publication }) =>
        `${database} is written by replication: ${publication} of ${from} on ${publisher}`,
    ),
    ...(distributor === undefined ? [] : [`its distributor is ${distributor}`]),
    ...(publishers.length === 0 ? [] : [`distributes for ${publishers.join(', ')}`]),
    ...said.filter(({ broken }) => !broken).map(({ text }) => text),
  ].map(harmless);
}

/** runstatus: 5 tries again, 6 has failed. An agent of which nothing is written does not run. */
const isBroken = ({ status }: AgentRow): boolean => status === null || status === 5 || status === 6;

function agentSaid(agent: AgentRow, offset: number): string {
  const { kind, database, publication, to, status } = agent;
  const who =
    to === null ? `the ${kind} of ${database}` : `the ${kind} of ${publication}, ${database} to ${to},`;
  if (status === null) return `${who} has written nothing: it does not run`;
  if (!isBroken(agent)) return `${who} said ${dated(agent.said_at, offset)} that all is well`;
  const since = agent.failed_at ?? agent.said_at;
  const error = agent.error === null ? '' : `: ${clipped(agent.error)}`;
  return `${who} ${status === 5 ? 'tries again and again' : 'has failed'} since ${dated(since, offset)}${error}`;
}

const clipped = (text: string): string => {
  const clean = harmless(text).trim();
  return clean.length <= LONGEST_ERROR ? clean : `${clean.slice(0, LONGEST_ERROR)}…`;
};

function dated(local: string | null, offset: number): string {
  const at = local === null ? undefined : instantOf(local, offset);
  return at === undefined
    ? 'an unknown time'
    : `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
