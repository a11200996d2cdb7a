import { describe, expect, test } from 'vitest';
import { onOneSiteOnly } from '../../../src/inventory/machine/one-site.ts';
import type { Step, StepContext } from '../../../src/step/step.ts';
import { step } from '../../support/conducted.ts';
import { type Reply, scriptedHost } from '../../support/scripted-host.ts';
import { planOf, Story } from '../../support/state.ts';

const signal = new AbortController().signal;
const ABSENT: Reply = { code: 1, stderr: "error: failed to get domain 'web1'" };

function world(answer: Reply, failback = true) {
  const plan = planOf(failback ? { failback_of: 'dallas-to-miami' } : {});
  const story = new Story(plan).begin().observe('web1');
  const host = scriptedHost('dal-kvm1', line => (line.includes('domstate') ? answer : undefined));
  const ran: string[] = [];
  const inner: Step = step('inventory/web1', {
    done: async () => true,
    run: async () => void ran.push('run'),
  });
  const guarded = onOneSiteOnly(inner, plan, 'web1');
  // Nothing but the state and the host is asked of it.
  const context = { ...story.view, host: async () => host } as unknown as StepContext;
  return { guarded, inner, context, host, ran, story };
}

describe('a machine on its way home', () => {
  test.each([
    ['shut off', 'shut off\n'],
    ['gone', ABSENT],
  ])('may go on where its old domain is %s', async (_state, answer) => {
    const { guarded, context, host, ran } = world(answer);
    expect(await guarded.done(context, signal)).toBe(true);
    await guarded.run(context, signal);
    expect(ran).toEqual(['run']);
    expect(host.asked.some(line => line.endsWith('domstate 4c4c4544-0000-1000-8000-000000000001'))).toBe(
      true,
    );
    expect(host.asked.some(line => line.endsWith('domstate web1'))).toBe(true);
  });

  test.each(['running', 'paused', 'in shutdown', ''])(
    'goes nowhere while the old one is "%s"',
    async state => {
      const { guarded, context } = world(`${state}\n`);
      await expect(guarded.done(context, signal)).rejects.toMatchObject({ code: 'cutover.two-run' });
      await expect(guarded.run(context, signal)).rejects.toMatchObject({ code: 'cutover.two-run' });
    },
  );

  test('goes nowhere where libvirt does not answer', async () => {
    const { guarded, context } = world({ code: 1, stderr: 'error: failed to connect to the hypervisor' });
    await expect(guarded.done(context, signal)).rejects.toMatchObject({ code: 'remote.command-failed' });
  });

  test('says in its preview what it asks; any other plan asks nothing of the kind', () => {
    const { guarded, story } = world('shut off\n');
    expect(guarded.preview(story.view)).toHaveLength(2);
    const other = world('running\n', false);
    expect(other.guarded).toBe(other.inner);
  });
});
