import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { commandLine } from '../../src/remote/quote.ts';

/**
 * The engineer's way: the command in an SSH session of OpenSSH's own client. The connection is opened before anything
 * is timed and kept (ControlMaster), because landfall's is open, too.
 */
export interface Bare extends AsyncDisposable {
  /** Wall time of one command on the host, in ms. Its output is read and thrown away. */
  time(argv: readonly string[]): Promise<number>;
  /** MB/s that one channel of this connection takes, measured with `bytes` of zeros. */
  throughput(bytes: number): Promise<number>;
}

export async function openBare(sshConfig: string, host: string, directory: string): Promise<Bare> {
  const control = join(directory, 'mux');
  const ssh = ['-F', sshConfig, '-o', `ControlPath=${control}`];
  await rm(control, { force: true });
  await execa('ssh', [...ssh, '-o', 'ControlMaster=yes', '-f', '-N', host], { stdio: 'ignore' });
  const timed = async (run: () => Promise<unknown>): Promise<number> => {
    const began = performance.now();
    await run();
    return performance.now() - began;
  };
  return {
    time: argv =>
      timed(() =>
        execa('ssh', [...ssh, host, commandLine(argv).toString()], { stdout: 'ignore', stdin: 'ignore' }),
      ),
    async throughput(bytes) {
      const zeros = execa('head', ['-c', String(bytes), '/dev/zero'], { buffer: false });
      const ms = await timed(() => zeros.pipe('ssh', [...ssh, host, 'wc -c'], { stdout: 'ignore' }));
      return bytes / 1e3 / ms;
    },
    async [Symbol.asyncDispose]() {
      await execa('ssh', [...ssh, '-O', 'exit', host], { stderr: 'ignore', reject: false });
    },
  };
}
