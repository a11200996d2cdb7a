import { LandfallError } from '../../src/foundation/errors.ts';
import type { Host } from '../../src/remote/host.ts';

/** What a scripted command answers; a bare text stands for exit 0. */
export type Reply = string | { readonly code: number; readonly stdout?: string; readonly stderr?: string };

/**
 * A host at the network edge: answers commands by a function of the command line, refuses the rest with 127 as a real
 * host does, and remembers what was asked.
 */
export function scriptedHost(
  id: string,
  reply: (line: string) => Reply | undefined,
): Host & { asked: string[] } {
  const asked: string[] = [];
  const unscripted = (): never => {
    throw new Error(`${id}: not scripted`);
  };
  return {
    id,
    asked,
    exec(argv, options = {}) {
      const line = argv.join(' ');
      asked.push(line);
      const answer = reply(line) ?? { code: 127, stderr: `${argv[0]}: not found` };
      const {
        code,
        stdout = '',
        stderr = '',
      } = typeof answer === 'string' ? { code: 0, stdout: answer } : answer;
      if (!(options.codes ?? [0]).includes(code)) {
        return Promise.reject(
          new LandfallError(code === 127 ? 'remote.command-missing' : 'remote.command-failed', {
            what: `${line} ended with ${code}`,
            evidence: [stderr],
            next: [],
          }),
        );
      }
      return Promise.resolve({ code, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr), ms: 1 });
    },
    stream: unscripted,
    write: () => Promise.resolve(),
    read: unscripted,
    job: unscripted,
    close: () => Promise.resolve(),
  };
}
