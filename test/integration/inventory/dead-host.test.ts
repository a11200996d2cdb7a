import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { inventorySteps } from '../../../src/inventory/index.ts';
import type { Plan } from '../../../src/plan/schema.ts';
import { LabRun } from '../../support/lab-run.ts';
import { openTestLab } from '../lab/harness.ts';

/** A host that takes connections and never says a word, until it is let go: then it cuts them all. */
async function deadHost(address: string, port: number, onReached: () => void) {
  const sockets = new Set<Socket>();
  let isGone = false;
  const server = createServer(socket => {
    socket.on('error', () => undefined);
    if (isGone) socket.resetAndDestroy();
    else sockets.add(socket);
    onReached();
  });
  server.listen(port, address);
  await once(server, 'listening');
  return {
    reached: () => sockets.size,
    letGo() {
      isGone = true;
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async [Symbol.asyncDispose]() {
      this.letGo();
      server.close();
      await once(server, 'close');
    },
  };
}

const DEAD = ['dead1', 'dead2', 'dead3', 'dead4'];
const ADDRESS = '127.77.9.9';

/** More machines of one hypervisor than may work on it at once, all of them with an address that nobody answers. */
function withDeadOnes(plan: Plan): Plan {
  const { db1 } = plan.machines;
  if (db1 === undefined) throw new Error("the lab's plan has db1");
  const dead = { ...db1, source: { ...db1.source, domain: 'db1', address: ADDRESS } };
  return {
    ...plan,
    machines: { ...Object.fromEntries(DEAD.map(name => [name, dead])), ...plan.machines },
  };
}

it('looks at every living machine while dead hosts keep silent', async () => {
  await using test = await openTestLab();
  const run = await LabRun.of(test.lab, withDeadOnes);
  run.haste = 1000;
  const living = Object.keys(run.plan.machines).filter(name => !DEAD.includes(name));
  const seen = (): string[] =>
    run.events.flatMap(event => (event.type === 'machine.surveyed' ? [event.machine] : []));
  let failedBefore: number | undefined;
  // The dead ones are held for as long as a living one has not been looked at: who waits for them, waits for ever.
  const check = (): void => {
    if (seen().length < living.length || dead.reached() < DEAD.length) return;
    failedBefore ??= run.failures().length;
    dead.letGo();
  };
  await using dead = await deadHost(ADDRESS, test.lab.port, check);
  run.onEvent = check;
  const { failed } = await run.conduct(inventorySteps);
  expect(seen().toSorted()).toEqual(living.toSorted());
  expect(failedBefore).toBe(0);
  expect(failed.toSorted()).toEqual(DEAD.map(name => `inventory/${name}`));
}, 120_000);
