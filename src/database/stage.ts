import type { Clock, Random } from '../foundation/clock.ts';
import type { EventBody } from '../journal/events.ts';
import type { DatabaseState } from '../journal/state.ts';
import type { DatabasePlan } from '../plan/schema.ts';
import type { Servers } from '../remote/sql/server.ts';
import type { Statement } from '../remote/sql/statement.ts';
import type { Sample } from '../step/step.ts';
import type { DatabaseRef } from './names.ts';

/** What a decision about one database may look at. */
export interface Scene {
  /** Its name in the plan, which is its name on the publisher. */
  readonly name: string;
  readonly plan: DatabasePlan;
  readonly state: DatabaseState;
  readonly ref: DatabaseRef;
  /** Bytes a second that the plan allows on the link; absent where it says nothing. */
  readonly linkLimit?: number;
  /** When the source is lost, epoch ms; absent where nobody has said. Queues and retentions have to reach beyond it. */
  readonly deadline?: { readonly earliest: number; readonly expected: number };
}

/** A stage's hands. `state` and `ref` are always those of now. */
export interface Work extends Scene {
  readonly servers: Servers;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  emit(event: EventBody): Promise<void>;
  /** How far it is; whatever takes longer than two seconds says so. */
  sample(sample: Omit<Sample, 'step' | 'subject' | 'at'>): void;
  /** Keeps a text (a script, a list of differences) in the evacuation's directory. */
  keep(name: string, content: string): Promise<void>;
}

/**
 * One piece of work on a database: becomes the step `database/<name>/<id>`. `preview` returns every statement that
 * `run` may send and that writes, word for word, bulk loads as `INSERT BULK <table>`; the servers of `run` refuse any
 * other. Statements that only read need not be in it, but those that a DBA would ask about are.
 */
export interface Stage {
  /** `assess`, `capture`, `seed` … */
  readonly id: string;
  title(scene: Scene): string;
  preview(scene: Scene): readonly Statement[];
  /** Asks the servers, not memory. */
  done(work: Work): Promise<boolean>;
  run(work: Work): Promise<void>;
}
