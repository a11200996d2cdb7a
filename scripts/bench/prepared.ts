import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { addressOf } from '../../src/evacuation/addresses.ts';
import { budgetOf } from '../../src/evacuation/budget.ts';
import { openChronicle } from '../../src/evacuation/chronicle.ts';
import { conduct } from '../../src/evacuation/conductor.ts';
import { contextFor } from '../../src/evacuation/context.ts';
import { openEvacuation } from '../../src/evacuation/open.ts';
import { stepsOf } from '../../src/evacuation/planner.ts';
import { type Random, systemClock } from '../../src/foundation/clock.ts';
import { createRedactor } from '../../src/foundation/redact.ts';
import type { Event, EventBody } from '../../src/journal/events.ts';
import type { LabClient } from '../../src/lab/client.ts';
import { readPlan } from '../../src/plan/read.ts';
import type { Plan } from '../../src/plan/schema.ts';
import { controlKeys } from '../../src/remote/control-identities.ts';
import type { Host } from '../../src/remote/host.ts';
import { createHosts } from '../../src/remote/hosts.ts';
import { resolveSsh } from '../../src/remote/ssh-config.ts';
import type { Step, View } from '../../src/step/step.ts';

/**
 * One machine of a lab, evacuated by landfall's own rooms up to the moment before its first pass: journal with fsync,
 * chronicle with Git, SSH connections, conductor, all as `landfall run` has them. From there on, chosen steps can be
 * conducted as often as a measurement needs.
 */
export interface Prepared extends AsyncDisposable {
  readonly view: View;
  /** Conducts the steps to their end. Throws what the first failed one said. */
  conduct(steps: (view: View) => readonly Step[]): Promise<void>;
  /** Calls back when the journal has this event on disk. */
  onPassEnded(listener: () => void): void;
  /** The same for every event. */
  onEvent(listener: (event: Event) => void): void;
  /** A host by landfall's name for it, over a connection that stays open. */
  host(id: string): Promise<Host>;
  /** Writes into the journal what an engineer would order. */
  order(event: EventBody): Promise<void>;
}

export async function prepare(
  lab: LabClient,
  root: string,
  machine: string,
  mover: 'files' | 'blocks' = 'files',
): Promise<Prepared> {
  const clock = systemClock;
  const random: Random = {
    next: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
    bytes: count => randomBytes(count),
  };
  const redactor = createRedactor();
  const written = await readPlan(lab.paths.plan, clock.now());
  const machines = Object.entries(written.plan.machines).map(([name, each]) => [name, { ...each, mover }]);
  const plan: Plan = { ...written.plan, machines: Object.fromEntries(machines) };
  const loaded = { ...written, plan };
  const signal = new AbortController().signal;
  const listeners: (() => void)[] = [];
  const { directory, journal } = await openEvacuation({
    plan: loaded,
    root: join(root, 'evacuations'),
    landfallVersion: 'bench',
    owner: { pid: process.pid, host: hostname(), user: 'bench' },
    clock,
    random,
    redactor,
    signal,
  });
  const chronicle = await openChronicle(directory, redactor, error => {
    throw error;
  });
  journal.onEvent(event => {
    chronicle.event(event);
    if (event.type === 'pass.ended') for (const listener of listeners) listener();
  });
  const hosts = createHosts({
    runtime: { evacuation: plan.name },
    configFile: lab.paths.sshConfig,
    agentSocket: undefined,
    clock,
    redactor,
    onCommand: record => chronicle.command(record),
    resolve: id => addressOf(plan, journal.state, id),
  });

  const conducted = async (steps: (view: View) => readonly Step[]): Promise<void> => {
    const { failed } = await conduct({
      plan,
      journal: { state: () => journal.state, append: async event => void (await journal.append(event)) },
      stepsOf: steps,
      contextOf: step =>
        contextFor(step, {
          plan,
          evacuation: plan.name,
          state: () => journal.state,
          host: id => hosts.get(id),
          emit: async event => void (await journal.append(event)),
          onSample: () => undefined,
          keepLog: async (name, content) => void (await directory.writeArtifact(`logs/${name}`, content)),
          clock,
          random,
        }),
      budget: budgetOf(plan),
      clock,
      signal,
    });
    const [first] = failed;
    if (first === undefined) return;
    const error = journal.state.steps[first]?.error;
    throw new Error(`${first} failed: ${error?.what ?? 'no reason is on record'}`);
  };

  const address = plan.machines[machine]?.target;
  if (address === undefined) throw new Error(`the lab has no machine ${machine}`);
  const target = await resolveSsh({
    address: address.address,
    port: address.port,
    user: address.user,
    configFile: lab.paths.sshConfig,
  });
  await journal.append({
    type: 'evacuation.started',
    pid: process.pid,
    host: hostname(),
    landfall: 'bench',
    controlKeys: await controlKeys({ target, agentSocket: undefined }),
  });
  await conducted(view => stepsOf(view).filter(step => !/\/(?:pass|verify)-\d+$/.test(step.id)));

  return {
    get view() {
      return { plan, state: journal.state };
    },
    conduct: conducted,
    onPassEnded: listener => void listeners.push(listener),
    onEvent: listener => void journal.onEvent(listener),
    host: id => hosts.get(id),
    order: async event => void (await journal.append(event)),
    async [Symbol.asyncDispose]() {
      await hosts.closeAll();
      await chronicle.close().finally(() => journal.close());
    },
  };
}
