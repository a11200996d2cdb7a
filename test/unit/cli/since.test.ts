import { describe, expect, test } from 'vitest';
import { landfall } from '../../support/cli.ts';
import { recordedEvacuation } from '../../support/recorded-evacuation.ts';

async function recorded() {
  const evacuation = await recordedEvacuation();
  const run = (...argv: string[]) =>
    landfall(['since', 'storm', '--state', evacuation.root, ...argv], {
      process: { pid: 1, host: 'jump1', user: 'dana' },
    });
  return { ...evacuation, run };
}

describe('landfall since', () => {
  test('tells what happened since this engineer left, in the words of the journal', async () => {
    const { append, run } = await recorded();
    await append({ type: 'note.added', text: 'before I left' }, 'dana@jump1');
    await append({ type: 'engineer.left', client: 'ui' }, 'dana@jump1');
    const { at } = await append({ type: 'engineer.attached', client: 'ui' }, 'sam@jump1');
    await append({ type: 'note.added', text: 'mail1 waits for Sam' }, 'sam@jump1');
    const { out, code } = await run();
    expect(code).toBe(0);
    expect(out).toMatch(/^storm since dana left \(/);
    expect(out).toContain('mail1 waits for Sam');
    expect(out).toContain('to do, first things first');
    const said = JSON.parse((await run('--json')).out) as { type: string; since: number; next: unknown[] };
    expect(said).toMatchObject({ type: 'since', who: 'dana', seen: true });
    expect(said.since).toBeLessThanOrEqual(at);
    expect(said.next).not.toEqual([]);
  });

  test('who was never here hears all of it; hours are heeded; other words are refused', async () => {
    const { append, run } = await recorded();
    await append({ type: 'note.added', text: 'the first night' }, 'dana@jump1');
    const newcomer = await run('--me', 'priya');
    expect(newcomer.out).toContain('priya has not been here before');
    expect(newcomer.out).toContain('the first night');
    expect((await run('--hours', '2')).out).toContain('the first night');
    expect((await run('--hours', 'two')).code).toBe(2);
  });
});
