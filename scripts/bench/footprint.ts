import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { LabClient } from '../../src/lab/client.ts';

/** What the control process itself takes over a whole `landfall run`: not the lab, not rsync, not Git. */
export interface Footprint {
  readonly machines: number;
  readonly exitCode: number | undefined;
  readonly wallMs: number;
  /** VmHWM: the most memory that was ever resident, in MB (10^6 bytes). */
  readonly peakMB: number;
  /** User and system time of the process, its children left out. */
  readonly cpuMs: number;
  /** Of one core, over the whole run. */
  readonly cpuShare: number;
}

const SAMPLE_MS = 50;
/** Clock ticks a second in /proc/PID/stat: 100 on every Linux that Node runs on. */
export const TICK_MS = 10;

export async function footprint(lab: LabClient, root: string, machines: number): Promise<Footprint> {
  const program = join(import.meta.dirname, '../landfall');
  const words = [
    'run',
    // In this process: the engine is what is measured, not its client.
    '--foreground',
    lab.paths.plan,
    '--ssh-config',
    lab.paths.sshConfig,
    '--state',
    join(root, 'evacuations'),
  ];
  const began = performance.now();
  // The wrapper replaces itself by Node, so its pid is the control process.
  const running = execa(program, words, { reject: false, stdin: 'ignore', env: { CI: '1', NO_COLOR: '1' } });
  let peakMB = 0;
  let cpuMs = 0;
  const sample = (): void => {
    const seen = look(running.pid);
    if (seen === undefined) return;
    peakMB = Math.max(peakMB, seen.peakMB);
    cpuMs = Math.max(cpuMs, seen.cpuMs);
  };
  const timer = setInterval(sample, SAMPLE_MS);
  const { exitCode } = await running.finally(() => clearInterval(timer));
  const wallMs = performance.now() - began;
  return { machines, exitCode, wallMs, peakMB, cpuMs, cpuShare: cpuMs / wallMs };
}

/** The most memory a process ever had in MB (10^6 bytes), and its own processor time; nothing where it is gone. */
export function look(pid: number | undefined): { peakMB: number; cpuMs: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [, kiB] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (kiB === undefined) return undefined;
    return {
      peakMB: (Number(kiB) * 1024) / 1e6,
      cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    };
  } catch {
    // It has just ended; the last sample stands.
    return undefined;
  }
}
