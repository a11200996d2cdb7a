import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandRecord } from '../../remote/host.ts';
import { commandRecord } from './protocol.ts';
import { KEPT } from './session.ts';

/** More than this of the log is not read: some hundred commands, however long the log has grown. */
const TAIL_BYTES = 512 * 1024;

/** The newest commands that were run on hosts, oldest first; none where there is no log yet. */
export async function lastCommands(directory: string): Promise<CommandRecord[]> {
  const text = await tailOf(join(directory, 'logs', 'commands.jsonl'));
  const records = text.split('\n').flatMap(line => {
    // Lines that tell a script once, the first one that the cut has torn, and the one that is being written.
    const parsed = commandRecord.safeParse(parseJson(line));
    return parsed.success ? [parsed.data] : [];
  });
  return records.slice(-KEPT.commands);
}

async function tailOf(path: string): Promise<string> {
  // What is shown beside the journal must never keep the journal from being shown.
  const handle = await open(path, 'r').catch(() => undefined);
  if (handle === undefined) return '';
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
