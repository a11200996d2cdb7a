import type { Checklist } from '../../../src/checklist/index.ts';
import { checklistOf } from '../../../src/checklist/index.ts';
import { cutoverSteps } from '../../../src/cutover/index.ts';
import type { CommandOf } from '../../../src/evacuation/engine/command.ts';
import { tryOrder } from '../../../src/evacuation/engine/desk.ts';
import { LandfallError } from '../../../src/foundation/errors.ts';
import type { EventBody } from '../../../src/journal/events.ts';
import { apply } from '../../../src/journal/fold.ts';
import type { State } from '../../../src/journal/state.ts';
import type { Plan } from '../../../src/plan/schema.ts';
import type { Step } from '../../../src/step/step.ts';
import { Story } from '../../support/state.ts';

export type Order = Omit<CommandOf<'cutover'>, 'kind'>;

/**
 * The desk and the planner as they are, over a world that only the journal tells of: a step of the cutover ends well, or
 * fails half-way, and tells what its deed would tell. What is tested is which steps there are, and when.
 */
export class Simulated {
  readonly plan: Plan;
  state: State;
  now: number;

  constructor(plan: Plan) {
    this.plan = plan;
    const story = new Story(plan).begin();
    this.state = story.state;
    this.now = story.now + 1000;
  }

  get view(): { readonly plan: Plan; readonly state: State } {
    return { plan: this.plan, state: this.state };
  }

  get list(): Checklist {
    return checklistOf(this.view, this.now);
  }

  get steps(): Step[] {
    return cutoverSteps(this.view);
  }

  tell(by: string, ...bodies: readonly EventBody[]): void {
    for (const body of bodies) {
      this.now += 1000;
      this.state = apply(this.state, { ...body, v: 1, seq: this.state.lastSeq + 1, at: this.now, by });
    }
  }

  /** What the desk says; `undefined` where it refuses. */
  order(order: Order): string | undefined {
    try {
      const desk = { ...this.view, now: this.now, by: 'dana@jump1', steps: this.steps };
      const { events, said } = tryOrder({ kind: 'cutover', ...order }, desk);
      this.tell('dana@jump1', ...events);
      return said;
    } catch (thrown) {
      if (thrown instanceof LandfallError && thrown.code === 'command.refused') return undefined;
      throw thrown;
    }
  }

  /** One step as far as the outcome lets it come. */
  perform(step: Step, outcome: 'ends' | 'fails-early' | 'fails-late'): void {
    const { id, phase } = step;
    this.tell('engine@jump1:1', { type: 'step.started', step: id, phase, attempt: 1 });
    const told = eventsOf(step);
    const [first, ...rest] = told.deed;
    if (outcome !== 'fails-early' && first !== undefined) this.tell('engine@jump1:1', first);
    if (outcome === 'ends') {
      this.tell('engine@jump1:1', ...rest, ...told.item, {
        type: 'step.done',
        step: id,
        phase,
        ms: 1,
        already: false,
      });
      return;
    }
    const error = { code: 'bug', family: 'bug' as const, what: 'it failed', next: ['try again'] };
    this.tell('engine@jump1:1', { type: 'step.failed', step: id, phase, attempts: 1, error });
  }

  /** Every step that there is, until there is none: failed ones are not tried again. */
  settle(outcome: (step: Step) => 'ends' | 'fails-early' | 'fails-late' = () => 'ends'): void {
    const failed = new Set<string>();
    for (;;) {
      const step = this.steps.find(({ id }) => !failed.has(id));
      if (step === undefined) return;
      const how = outcome(step);
      this.perform(step, how);
      if (how !== 'ends') failed.add(step.id);
    }
  }

  /** Whether the standby of a machine runs, and whether its source does, as the events tell. */
  runsTwice(machine: string): boolean {
    const parts = this.state.cutover?.machines[machine];
    return parts?.started !== undefined && parts.poweredOff?.offAt === undefined;
  }
}

interface Told {
  readonly deed: readonly EventBody[];
  readonly item: readonly EventBody[];
}

function eventsOf({ id }: Step): Told {
  const [, subject = '', deed = ''] = id.split('/');
  const item = (name: string, outcome: 'done' | 'undone'): EventBody[] => [
    { type: 'cutover.item', item: name, outcome, how: 'ran', evidence: ['it was looked at'] },
  ];
  const machine = subject;
  const back = (part: 'stopped' | 'poweredOff' | 'overlaid' | 'started'): EventBody => ({
    type: 'cutover.taken-back',
    machine,
    part,
  });
  const database = subject;
  switch (deed) {
    case 'quiet': {
      const units = ['nginx.service'];
      return {
        deed: [
          { type: 'cutover.quieting', machine, units },
          { type: 'cutover.quiet', machine, units },
        ],
        item: item(`quiet/${subject}`, 'done'),
      };
    }
    case 'power-off':
      return {
        deed: [
          { type: 'cutover.powering-off', machine, domain: machine, autostart: true },
          { type: 'cutover.powered-off', machine, evidence: ['shut off'] },
        ],
        item: item(`power-off/${subject}`, 'done'),
      };
    case 'bring-up':
      return {
        deed: [
          { type: 'cutover.overlaid', machine, volumes: [] },
          { type: 'cutover.standby-started', machine, domain: machine },
        ],
        item: item(`bring-up/${subject}`, 'done'),
      };
    case 'drain':
      return {
        deed: [
          { type: 'database.ordered', database, order: 'handover', until: 'drained', confirmed: database },
          { type: 'handover.drained', database, evidence: ['equal'] },
        ],
        item: item(`drain/${subject}`, 'done'),
      };
    case 'open':
      return {
        deed: [{ type: 'handover.ended', database, dark: false, lost: [] }],
        item: item(`open/${subject}`, 'done'),
      };
    case 'commit':
      return { deed: [{ type: 'cutover.committed', machine }], item: item(`commit/${subject}`, 'done') };
    case 'undo-quiet':
      return { deed: [back('stopped')], item: item(`quiet/${subject}`, 'undone') };
    case 'undo-power-off':
      return { deed: [back('poweredOff')], item: item(`power-off/${subject}`, 'undone') };
    case 'undo-bring-up':
      return { deed: [back('started'), back('overlaid')], item: item(`bring-up/${subject}`, 'undone') };
    case 'undo-drain':
      return {
        deed: [{ type: 'handover.thawed', database, evidence: ['as it was'] }],
        item: item(`drain/${subject}`, 'undone'),
      };
    case 'put-back':
      return { deed: [], item: item(`put-back/${subject}`, 'done') };
    case 'rolled-back':
      return { deed: [{ type: 'cutover.ended', outcome: 'rolled-back', startedAt: 0, lost: [] }], item: [] };
    case 'close':
      return {
        deed: [],
        item: [
          ...item('close', 'done'),
          { type: 'cutover.ended', outcome: 'committed', startedAt: 0, lost: [] },
        ],
      };
    case 'failback':
      return { deed: [], item: item('failback', 'done') };
    default:
      return { deed: [], item: item(`${deed}/${subject}`, 'done') };
  }
}
