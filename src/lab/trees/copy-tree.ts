import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { locate } from '../hosts/real-tools.ts';

/**
 * Copies a tree with everything that belongs to it; shares blocks where the file system can. When aborted, it rejects once nothing writes any more.
 */
export async function copyTree(from: string, to: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const cp = locate('cp');
  if (cp === undefined) throw new Error('the lab needs cp of coreutils');
  const child = spawn(cp, ['-a', '--reflink=auto', '--sparse=auto', '--', from, to], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const kill = (): boolean => child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  let stderr = '';
  child.stderr.on('data', chunk => {
    stderr += String(chunk);
  });
  const [code] = await once(child, 'close');
  signal.removeEventListener('abort', kill);
  signal.throwIfAborted();
  if (code !== 0) throw new Error(`cp ended with ${String(code)}: ${stderr.slice(-400)}`);
}
