import { cpus, loadavg, totalmem } from 'node:os';
import { execa } from 'execa';

/** Under which circumstances the figures were taken: without them they say nothing. */
export interface Conditions {
  readonly at: string;
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGB: number;
  readonly loadBefore: number;
  readonly node: string;
  readonly rsync: string;
  readonly ssh: string;
  readonly kernel: string;
}

export async function conditions(): Promise<Conditions> {
  const first = (text: string): string => text.split('\n')[0] ?? '';
  const [rsync, ssh, kernel] = await Promise.all([
    execa('rsync', ['--version']),
    execa('ssh', ['-V']),
    execa('uname', ['-r']),
  ]);
  return {
    at: new Date().toISOString(),
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGB: Math.round(totalmem() / 1e9),
    loadBefore: loadavg()[0] ?? Number.NaN,
    node: process.version,
    rsync: first(rsync.stdout).replace(/\s+/g, ' '),
    ssh: first(ssh.stderr),
    kernel: kernel.stdout,
  };
}
