import { expect, test } from 'vitest';
import { landfall } from '../../support/cli.ts';
import { recordedEvacuation } from '../../support/recorded-evacuation.ts';
import { ScriptedEngine } from '../../support/scripted-engine.ts';

test('the first line of a stream says from where on everything is told, and nothing is told before it', async () => {
  const site = await recordedEvacuation();
  const engine = await ScriptedEngine.listen(site.directory);
  const sample = { step: 'sync/web1/pass-1', subject: 'web1', at: 1, text: 'pass 1, /' };
  engine.onLine = ({ type }, socket) => {
    if (type !== 'hello') return;
    engine.welcome(socket);
    // Before the client has read the journal.
    engine.say({ type: 'sample', sample }, socket);
    engine.say({ type: 'bye', outcome: 'complete' }, socket);
    socket.end();
  };
  const { code, out } = await landfall(['attach', 'storm', '--json', '--state', site.root]);
  expect(code).toBe(0);
  const types = out
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line).type);
  expect(types).toEqual(['attached', 'sample']);
});
