import { randomBytes } from 'node:crypto';
import { type EngineOptions, type Evacuated, evacuate } from '../../src/evacuation/evacuate.ts';
import { systemClock } from '../../src/foundation/clock.ts';
import { createRedactor } from '../../src/foundation/redact.ts';
import { readPlan } from '../../src/plan/read.ts';
import { EngineClient } from './engine-client.ts';

export interface EngineRun extends AsyncDisposable {
  readonly socket: string;
  readonly directory: string;
  readonly ended: Promise<Evacuated>;
  /** As SIGTERM would. */
  terminate(): void;
  attach(who?: string): Promise<EngineClient>;
}

/** An engine in this process, with real hosts behind it. */
export async function startEngineRun(
  options: Pick<EngineOptions, 'until'> &
    Partial<EngineOptions> & { readonly plan: string; readonly root: string; readonly sshConfig?: string },
): Promise<EngineRun> {
  const { plan, root, sshConfig, ...engine } = options;
  const stop = new AbortController();
  const serving = Promise.withResolvers<{ socket: string; directory: string }>();
  const ended = evacuate({
    plan: await readPlan(plan, systemClock.now(), { running: true }),
    root,
    sshConfig,
    landfallVersion: '0.0.0',
    owner: { pid: process.pid, host: 'jump1', user: 'test' },
    clock: systemClock,
    random: { next: Math.random, bytes: count => randomBytes(count) },
    redactor: createRedactor(),
    signal: stop.signal,
    engine: { ...engine, onServing: serving.resolve },
  });
  ended.catch(serving.reject);
  const { socket, directory } = await serving.promise;
  return {
    socket,
    directory,
    ended,
    terminate: () => stop.abort(),
    attach: who => EngineClient.attach(socket, who),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended.catch(() => undefined);
    },
  };
}
