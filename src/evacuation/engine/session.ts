import type { Event } from '../../journal/events.ts';
import type { State } from '../../journal/state.ts';
import type { Plan } from '../../plan/schema.ts';
import type { CommandRecord } from '../../remote/host.ts';
import type { Sample } from '../../step/step.ts';
import type { Command, Reply } from './command.ts';

/** An evacuation as a client sees it: the fold of its journal, and the engine's live stream where one runs. */
export interface Session {
  readonly name: string;
  /** The newest snapshot; the same object until something changed. */
  snapshot(): Snapshot;
  /** Calls back after every change of the snapshot, at most once in a turn of the event loop. */
  subscribe(listener: () => void): () => void;
  /** Orders something. Never throws: a lost engine is a refusal with what to do. */
  send(command: Command): Promise<Reply>;
  /** Leaves; the engine goes on. */
  close(): Promise<void>;
}

/**
 * How this client hears of the evacuation. `live`: an engine runs and is heard. `lost`: it was, and cannot be reached;
 * the client keeps trying. `none`: no engine runs; what is shown is what the journal says. A client that was live keeps
 * looking for a successor in both.
 */
export type Connection = 'live' | 'lost' | 'none';

export interface Snapshot {
  readonly name: string;
  /** Absolute path of the evacuation's directory. */
  readonly directory: string;
  /** The plan in force. */
  readonly plan: Plan;
  readonly state: State;
  readonly connection: Connection;
  readonly engine?: EngineFacts;
  /** Who steered it last, where that one is gone without an end in the journal: nobody steers. */
  readonly gone?: EngineGone;
  /** The newest sample of every step that runs, by step id. */
  readonly samples: Readonly<Record<string, Sample>>;
  /** Who else looks on right now. */
  readonly clients: readonly Presence[];
  /** The newest events, oldest first; bounded. */
  readonly events: readonly Event[];
  /** The newest commands that were run on hosts, oldest first; bounded. */
  readonly commands: readonly CommandRecord[];
  /** What happened between this engineer's last look and this one; absent where there was none. */
  readonly away?: Away;
  /** Bytes of an unfinished last line of the journal; only where no engine writes it. */
  readonly tornBytes: number;
}

export interface EngineFacts {
  readonly pid: number;
  readonly host: string;
  readonly landfall: string;
  /** Epoch ms. */
  readonly since: number;
  /** `stay`: waits for orders when there is nothing to do. `done`: ends then. */
  readonly until: 'stay' | 'done';
}

/** An engine that died: killed, or its machine was. Only seen on the host where it ran. */
export interface EngineGone {
  readonly pid: number;
  readonly host: string;
  readonly user: string;
  /** Epoch ms of the last event that it journalled. */
  readonly lastAt: number;
  /** How it is known. */
  readonly why: string;
}

export interface Presence {
  /** Unique among the clients of this engine. */
  readonly id: string;
  readonly who: string;
  readonly host: string;
  readonly client: 'ui' | 'cli';
  readonly since: number;
  /** True for the client that this snapshot belongs to. */
  readonly self: boolean;
}

export interface Away {
  /** When this engineer was last seen, epoch ms. */
  readonly since: number;
  readonly passes: number;
  readonly verified: number;
  readonly failures: number;
  /** What others ordered, in words, newest last; bounded. */
  readonly orders: readonly string[];
}

/** What the client keeps of each stream. */
export const KEPT = { events: 2000, commands: 500, orders: 50 } as const;
