import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { environment, ownScript } from '../ssh/command.ts';
import { type Answer, refusal, type SimHost, type World } from '../world/world.ts';
import { homeOf } from './mounts.ts';

/** A program on a simulated host that nobody logged in for: the guest agent starts it. */
export async function runInside(
  world: World,
  host: SimHost,
  program: string,
  args: readonly string[],
): Promise<Answer> {
  const file = path.join(host.directory, 'bin', path.basename(program));
  if (!existsSync(file)) return refusal(`${program}: not found\n`, 127);
  const child = spawn(
    file,
    args.map(word => ownScript(world, host, word)),
    {
      cwd: homeOf(world, host),
      env: environment(world, host, undefined),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await once(child, 'close');
  const [stdout, stderr] = await output;
  return { stdout, stderr, code: typeof code === 'number' ? code : 1 };
}
