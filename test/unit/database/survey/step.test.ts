import { describe, expect, it } from 'vitest';
import { serverSurveySteps } from '../../../../src/database/survey/step.ts';
import { stepsOf } from '../../../../src/evacuation/planner.ts';
import { planOf, Story } from '../../../support/state.ts';

const at = (address: string) => ({ address, user: 'sa', password: 'env:PW' });
const plan = planOf({
  databases: {
    Orders: { tier: 'critical', publisher: at('mia'), subscriber: at('dal') },
    Crm: { tier: 'critical', publisher: at('mia'), subscriber: at('dal') },
  },
});
const begun = () => new Story(plan).begin();
const ids = (story: Story): string[] => serverSurveySteps({ plan, state: story.state }).map(({ id }) => id);

describe('looks at SQL Servers', () => {
  it('are one a server, are part of the inventory, and nothing waits for them', () => {
    const story = begun();
    expect(ids(story)).toEqual(['inventory/mia:1433', 'inventory/dal:1433']);
    const all = stepsOf({ plan, state: story.state });
    const own = all.filter(({ subject }) => /:1433$/.test(subject));
    expect(own.map(({ phase, needs }) => ({ phase, needs }))).toEqual([
      { phase: 'inventory', needs: [] },
      { phase: 'inventory', needs: [] },
    ]);
    expect(all.flatMap(({ needs }) => needs).filter(need => need.includes(':1433'))).toEqual([]);
  });

  it('announce every statement, and each only reads', () => {
    const [source, target] = serverSurveySteps({ plan, state: begun().state });
    const sent = source?.preview({ plan, state: begun().state }) ?? [];
    expect(sent.length).toBeGreaterThan(30);
    expect(
      sent.every(each => each.kind === 'sql' && each.reads === true && each.host === 'Orders.publisher'),
    ).toBe(true);
    const told = (target?.preview({ plan, state: begun().state }) ?? []).map(each =>
      each.kind === 'sql' ? each.database : '',
    );
    expect(new Set(told)).toEqual(new Set(['master', 'msdb', 'distribution']));
  });

  it('are none in the dark', () => {
    const story = begun();
    story.tell({ type: 'mode.switched', mode: 'dark' });
    expect(ids(story)).toEqual([]);
  });

  it('that fail are no failure of a machine or a database', () => {
    const story = begun().tell({
      type: 'step.failed',
      step: 'inventory/mia:1433',
      phase: 'inventory',
      attempts: 3,
      error: { code: 'sql.unreachable', family: 'act', what: 'no answer', next: ['look'] },
    });
    expect(story.state.databases).toEqual({});
    expect(Object.values(story.state.machines).filter(({ failure }) => failure !== undefined)).toEqual([]);
    expect(story.state.steps['inventory/mia:1433']?.status).toBe('failed');
  });
});
