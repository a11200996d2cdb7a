import { tailLines } from '../../foundation/text.ts';
import type { Argv, Host } from '../../remote/host.ts';
import type { View } from '../../step/step.ts';
import { evacuationOf, receiverConsole } from '../names.ts';

/** What the receiver says on its serial line, as its hypervisor has kept it. */

const BYTES = '65536';

export const consoleArgv = (view: View, machine: string): Argv => [
  'tail',
  '-c',
  BYTES,
  receiverConsole(evacuationOf(view), machine),
];

/** The newest 64 KiB; empty where there is none: it is evidence, and its absence is no failure. */
export async function consoleText(
  view: View,
  machine: string,
  host: Host,
  signal: AbortSignal,
): Promise<string> {
  const { stdout } = await host.exec(consoleArgv(view, machine), { codes: [0, 1, 127], signal });
  return stdout.toString('utf8');
}

/** Its last lines that say something, without the colours and cursor movements of a terminal. */
export function consoleTail(text: string, count: number): string[] {
  const plain = text.replace(/\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[@-Z\\-_])|\r/g, '');
  return tailLines(
    plain
      .split('\n')
      .filter(line => line.trim() !== '')
      .join('\n'),
    count,
  );
}
