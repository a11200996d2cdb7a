import type { Clock } from '../../foundation/clock.ts';
import type { LandfallError } from '../../foundation/errors.ts';
import type { Redactor } from '../../foundation/redact.ts';
import type { EventBody } from '../../journal/events.ts';
import type { Journal } from '../../journal/journal.ts';
import type { Plan } from '../../plan/schema.ts';
import type { CommandRecord } from '../../remote/host.ts';
import type { Sample, Step } from '../../step/step.ts';
import { isUnwritable } from '../attempt.ts';
import { ControlDesk } from '../instructions.ts';
import type { Command, Reply } from './command.ts';
import { Desk } from './desk.ts';
import { EngineServer } from './server.ts';
import type { EngineFacts } from './session.ts';

export interface EngineParts {
  readonly plan: Plan;
  /** The evacuation's directory, whose lock this process holds. */
  readonly directory: string;
  readonly journal: Journal;
  readonly facts: Omit<EngineFacts, 'since'>;
  readonly steps: () => readonly Step[];
  readonly clock: Clock;
  readonly redactor: Redactor;
  /** An engineer ordered the end, or the journal cannot be written any more. */
  readonly stop: () => void;
  /** Looks at names, clocks and credentials again. */
  readonly look?: () => void;
  readonly onTrouble: (error: LandfallError) => void;
}

/** Socket, desk and conductor's handles of one evacuation, put together. */
export interface Engine {
  /** Where the conductor hears what was ordered. */
  readonly controls: ControlDesk;
  /** Carries out an order of somebody who is no client, such as the lab. */
  order(command: Command, by: string): Promise<Reply>;
  /** Takes no more orders from now on; false, and nothing has changed, where one is under way. */
  mayEnd(): boolean;
  sample(sample: Sample): void;
  /** A step runs no more. */
  over(step: string): void;
  ran(record: CommandRecord): void;
  /** Takes no more orders and journals that everybody leaves; clients still hear what comes. */
  dismiss(): Promise<void>;
  /** Says good-bye with the outcome, and takes the socket away. */
  close(outcome: string): Promise<void>;
}

/** Starts to serve. Throws `engine.not-started`. */
export async function startEngine(parts: EngineParts): Promise<Engine> {
  const { plan, directory, journal, clock, redactor, stop } = parts;
  const append = async (bodies: readonly EventBody[], by: string): Promise<void> => {
    try {
      await journal.append(bodies, by);
    } catch (error) {
      // Without a journal nothing may be done: an engine that idles would never notice.
      if (isUnwritable(error)) stop();
      throw error;
    }
  };
  const controls = new ControlDesk();
  const desk = new Desk({
    plan,
    clock,
    journal: { state: () => journal.state, append },
    steps: parts.steps,
    controls,
    stop,
    ...(parts.look === undefined ? {} : { look: parts.look }),
  });
  const server = await EngineServer.open({
    directory,
    evacuation: plan.name,
    engine: { ...parts.facts, since: clock.now() },
    clock,
    onAttached: ({ by, kind }) => append([{ type: 'engineer.attached', client: kind }], by),
    onLeft: ({ by, kind }) => append([{ type: 'engineer.left', client: kind }], by),
    onCommand: (command, { by }) => desk.order(command, by),
    onTrouble: parts.onTrouble,
  });
  const unsubscribe = journal.onEvent(event => server.event(event));
  return {
    controls,
    order: (command, by) => desk.order(command, by),
    mayEnd: () => desk.closeIfQuiet(),
    sample: sample => server.sample(redactor.value(sample)),
    over: step => server.over(step),
    ran: record => server.ran(redactor.value(record)),
    async dismiss() {
      await desk.close();
      await server.dismiss();
    },
    async close(outcome) {
      await server.close(outcome);
      unsubscribe();
    },
  };
}
