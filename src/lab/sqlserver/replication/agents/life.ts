import { SqlError } from '../../errors.ts';
import type { Instance } from '../../server/instance.ts';
import type { AgentKind } from '../agent-session.ts';

/** The end of an agent's process. */
class Killed extends SqlError {
  constructor(kind: AgentKind) {
    super(20000, `The ${kind} agent was killed.`);
  }
}

export const isKilled = (error: unknown): boolean => error instanceof Killed;

/** Agents of one server as a lab may disturb them: held still, or killed like a process. */

interface Lives {
  readonly paused: Set<AgentKind>;
  readonly running: Map<AgentKind, Set<AbortController>>;
}

const lives = new WeakMap<Instance, Lives>();

function livesOf(instance: Instance): Lives {
  const known = lives.get(instance);
  if (known !== undefined) return known;
  const made: Lives = { paused: new Set(), running: new Map() };
  lives.set(instance, made);
  return made;
}

/** What a lab may do to the agents that run on a server. */
export interface AgentControl {
  /** They finish what they are at and do nothing until `resume`; their jobs go on running. */
  pause(kind: AgentKind): void;
  resume(kind: AgentKind): void;
  /** Ends them wherever they are, without a word in their history; their jobs try again as their steps say. Gives how many. */
  kill(kind: AgentKind): number;
}

export function agentControl(instance: Instance): AgentControl {
  const { paused, running } = livesOf(instance);
  return {
    pause: kind => void paused.add(kind),
    resume: kind => void paused.delete(kind),
    kill(kind) {
      const agents = [...(running.get(kind) ?? [])];
      for (const agent of agents) agent.abort(new Killed(kind));
      return agents.length;
    },
  };
}

export const isPaused = (instance: Instance, kind: AgentKind): boolean => livesOf(instance).paused.has(kind);

/**
 * Runs an agent; `signal` of `work` fires when its job is stopped and when it is killed.
 *
 * @throws SqlError 20000 where it was killed
 */
export async function live(
  instance: Instance,
  kind: AgentKind,
  stop: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { running } = livesOf(instance);
  const own = new AbortController();
  const all = running.get(kind) ?? new Set();
  running.set(kind, all.add(own));
  try {
    await work(AbortSignal.any([stop, own.signal]));
    own.signal.throwIfAborted();
  } catch (error) {
    own.signal.throwIfAborted();
    throw error;
  } finally {
    all.delete(own);
  }
}
