import { existsSync } from 'node:fs';
import path from 'node:path';

const SEARCH = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Where this machine has a tool; the PATH of whoever runs the lab does not matter. */
export function locate(tool: string): string | undefined {
  return SEARCH.map(directory => path.join(directory, tool)).find(existsSync);
}
