import { describe, expect, it } from 'vitest';
import { describe as line } from '../../../src/step/action.ts';
import { RELAY_ADDRESSES, relayPort } from '../../../src/sync/relay.ts';
import { syncOutlook, syncSteps } from '../../../src/sync/steps.ts';
import { planOf, Story } from '../../support/state.ts';

describe('a plan whose sites cannot see each other', () => {
  const story = new Story({ ...planOf(), link: { ...planOf().link, path: 'relay' } })
    .begin()
    .observe('web1')
    .build('web1');
  const [, path, ...rest] = syncSteps(story.view, 'web1');

  it('lets the source knock at its own loopback, and the receiver open to nobody else', () => {
    const actions = path?.preview(story.view) ?? [];
    const rsh = actions.find(action => action.kind === 'write' && action.path.endsWith('/rsh'));
    const content = rsh?.kind === 'write' ? String(rsh.content) : '';
    expect(content).toContain('HostName=127.0.0.1');
    expect(content).toContain(`Port=${relayPort('miami-to-dallas', 'web1')}`);
    // The receiver's own key is pinned all the same: this machine only carries bytes.
    expect(content).toContain('HostKeyAlias=web1.receiver');
    const door = actions.find(action => action.kind === 'exec');
    expect(door === undefined ? '' : line(door)).toContain(RELAY_ADDRESSES);
  });

  it('says before anything runs that the bytes go through this machine', () => {
    const pass = rest.find(({ id }) => id.endsWith('/pass-1'));
    const notes = pass
      ?.preview(story.view)
      .flatMap(action => (action.kind === 'job' ? [action.note ?? ''] : []));
    expect(notes?.length).toBeGreaterThan(0);
    for (const note of notes ?? []) expect(note).toContain('through the machine that runs landfall');
    expect(syncOutlook(story.view, 'web1').length).toBeGreaterThan(2);
  });

  it('has a port of its own for each machine, below those that kernels hand out', () => {
    const ports = Array.from({ length: 50 }, (_, at) => relayPort('miami-to-dallas', `web${at}`));
    expect(new Set(ports).size).toBeGreaterThan(45);
    for (const port of ports) expect(port >= 20_000 && port < 32_000).toBe(true);
    expect(relayPort('e', 'web1')).toBe(relayPort('e', 'web1'));
  });
});
