import { checklistOf } from '../../../src/checklist/index.ts';
import type { Snapshot } from '../../../src/evacuation/engine/session.ts';
import type { PlanInput } from '../../../src/plan/schema.ts';
import { MINUTE, machinePlan, planOf, Story } from '../../support/state.ts';
import { snapshotOf } from '../../support/ui.ts';

/** Cutovers told item by item, each to the moment that a test looks at. */

const plan = (overrides: Partial<PlanInput> = {}) =>
  planOf({
    machines: {
      db1: machinePlan({ owner: 'the database team' }),
      web1: machinePlan({ tier: 'normal', after: ['db1'] }),
    },
    dns: [{ name: 'www.example.com', from: '198.51.100.7', to: '203.0.113.7', ttl: '1h', owner: 'Kim' }],
    cutover: { decides: 'Robin', tell: ['the service desk'] },
    ...overrides,
  });

export class CutoverStory {
  readonly story: Story;

  constructor(overrides: Partial<PlanInput> = {}) {
    this.story = new Story(plan(overrides)).begin();
    for (const name of ['db1', 'web1']) {
      this.story
        .observe(name)
        .build(name)
        .pass(name, 1, { ms: 5 * MINUTE })
        .verify(name, 1);
    }
  }

  begin(
    how: { readonly dark?: boolean; readonly rehearse?: boolean; readonly open?: readonly string[] } = {},
  ): this {
    const { dark = false, rehearse = false, open = [] } = how;
    this.story.tell({
      type: 'cutover.begun',
      rehearse,
      dark,
      planHash: 'h',
      confirmed: this.story.plan.name,
      open: [...open],
    });
    return this.done('gates');
  }

  /** Each took a minute. */
  done(...items: readonly string[]): this {
    for (const item of items) {
      const startedAt = this.story.now;
      this.story.wait(MINUTE);
      const ran = this.deedOf(item) !== undefined && item !== 'gates';
      if (item === 'no-return')
        this.story.tell({ type: 'cutover.no-return', confirmed: this.story.plan.name });
      this.story.tell({
        type: 'cutover.item',
        item,
        outcome: 'done',
        how: ran ? 'ran' : 'ticked',
        ...(ran ? { startedAt } : {}),
        evidence: [`${item} was looked at`],
      });
      const [deed, machine = ''] = item.split('/');
      if (deed === 'quiet') this.story.tell({ type: 'cutover.quiet', machine, units: ['nginx.service'] });
    }
    return this;
  }

  /** Everything before the item, in order. */
  until(last: string): this {
    for (;;) {
      const next = this.list().turn[0];
      if (next === undefined || next === last) return this;
      this.done(next);
    }
  }

  fails(item: string, what: string, next: readonly string[], undo = ''): this {
    const step = `cutover/${item.split('/')[1] ?? ''}/${undo}${item.split('/')[0] ?? ''}`;
    this.story.tell(
      { type: 'step.started', step, phase: 'cutover', attempt: 1 },
      {
        type: 'step.failed',
        step,
        phase: 'cutover',
        attempts: 1,
        error: { code: 'host.refused', family: 'act', what, next: [...next] },
      },
    );
    return this;
  }

  runs(item: string): this {
    const step = `cutover/${item.split('/')[1] ?? ''}/${item.split('/')[0] ?? ''}`;
    this.story.tell({ type: 'step.started', step, phase: 'cutover', attempt: 1 });
    return this;
  }

  list() {
    return checklistOf({ plan: this.story.plan, state: this.story.state }, this.story.now);
  }

  private deedOf(item: string): string | undefined {
    return this.list().items.find(({ id }) => id === item)?.deed;
  }

  snapshot(parts: Partial<Snapshot> = {}): Snapshot {
    const { plan: of, state, events } = this.story;
    return snapshotOf({ plan: of, state, events, ...parts });
  }
}
