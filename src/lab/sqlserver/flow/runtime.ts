import { setImmediate } from 'node:timers/promises';
import type { SessionValues } from '../functions/function.ts';
import type { Evaluation } from '../query/bound.ts';
import { StatementEvaluation } from './evaluation.ts';
import type { Execution } from './execution.ts';
import type { Frame } from './frame.ts';
import { FrameScope } from './scope.ts';
import { LiveSessionValues } from './session-values.ts';
import type { SessionState } from './state.ts';
import { StatementExecution } from './statement-execution.ts';

/** Milliseconds that a session may keep all others waiting. */
export const LONGEST_TURN = 10;

/** What runs statements of one frame: made once a frame, so that a loop does not pay for it. */
export class Runtime {
  readonly state: SessionState;
  readonly frame: Frame;
  readonly scope: FrameScope;
  readonly session: SessionValues;

  #turned: number;

  constructor(state: SessionState, frame: Frame) {
    this.state = state;
    this.frame = frame;
    this.scope = new FrameScope(state, frame);
    this.session = new LiveSessionValues(state);
    this.#turned = performance.now();
  }

  /** Statements of a procedure, or of a call by RPC, end differently on the wire. */
  get inProcedure(): boolean {
    return this.frame.level > 0;
  }

  /** Lets other sessions have their turn where this one has run for long. */
  async turn(): Promise<void> {
    if (performance.now() - this.#turned < LONGEST_TURN) return;
    await setImmediate();
    this.#turned = performance.now();
  }

  evaluation(): StatementEvaluation {
    return new StatementEvaluation(this.state, this.frame, this.scope, this.session);
  }

  execution(evaluation: Evaluation): Execution {
    return new StatementExecution(this, evaluation);
  }
}
