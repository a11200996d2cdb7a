import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { locate } from '../hosts/shims.ts';

/** Copies a tree with everything that belongs to it; shares blocks where the file system can. */
export async function copyTree(from: string, to: string): Promise<void> {
  const cp = locate('cp');
  if (cp === undefined) throw new Error('the lab needs cp of coreutils');
  const child = spawn(cp, ['-a', '--reflink=auto', '--sparse=auto', '--', from, to], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', chunk => {
    stderr += String(chunk);
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`cp ended with ${String(code)}: ${stderr.slice(-400)}`);
}
