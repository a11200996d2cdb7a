import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';

/**
 * Every process that the lab starts, and every process those start, carries `LANDFALL_LAB=<lab id>/<host>` in its
 * environment. That is the record by which they are found: it also holds for detached jobs, and after the lab itself
 * was killed.
 */
export const MARK = 'LANDFALL_LAB';

export interface LabProcess {
  readonly pid: number;
  readonly host: string;
  /** The name of the program, as in /proc/PID/comm. */
  readonly program: string;
}

function readProc(pid: string, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    // It ended while we looked, or belongs to somebody else: either way it is not ours to see.
    return undefined;
  }
}

/** The processes of a lab, of one host where it is given. */
export function labProcesses(labId: string, host?: string): LabProcess[] {
  const prefix = `${MARK}=${labId}/`;
  const found: LabProcess[] = [];
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const mark = readProc(pid, 'environ')
      ?.split('\0')
      .find(entry => entry.startsWith(prefix));
    if (mark === undefined) continue;
    const of = mark.slice(prefix.length);
    if (host === undefined || of === host) {
      found.push({ pid: Number(pid), host: of, program: (readProc(pid, 'comm') ?? '').trim() });
    }
  }
  return found;
}

/** Sends a signal to each; those that are gone already are no error. Returns how many there were. */
export function signalAll(processes: readonly LabProcess[], signal: NodeJS.Signals): number {
  let sent = 0;
  for (const { pid } of processes) {
    if (signalOne(pid, signal)) sent += 1;
  }
  return sent;
}

/** Uninterruptible processes stop a moment later than the signal; there is no reason to wait for long. */
const MOST_ROUNDS = 50;

/** Stops every process of a host, also those that were being started meanwhile. */
export function stopAll(labId: string, host: string): void {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const running = labProcesses(labId, host).filter(({ pid }) => !STOPPED.includes(stateOf(pid)));
    if (signalAll(running, 'SIGSTOP') === 0) return;
  }
}

/** Ends every process of a lab or a host, also those that were being started meanwhile; resolves when none is left. */
export async function killAll(labId: string, host?: string): Promise<void> {
  while (signalAll(labProcesses(labId, host), 'SIGKILL') > 0) await turn();
}

/** Negative numbers name process groups, as in kill(2). */
export function signalOne(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** Of /proc/PID/stat, from the third field on; the second is the program's name in parentheses and may hold anything. */
function statFields(pid: number): string[] {
  const stat = readProc(String(pid), 'stat');
  return stat === undefined ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** As in ps: R, S, D, T, Z; empty where it does not run. */
const stateOf = (pid: number): string => statFields(pid)[0] ?? '';
const STOPPED = ['T', 't', 'Z', 'X', ''];

/** The start time of a process in clock ticks since boot; undefined where it does not run. It tells a reused pid. */
export function startTicks(pid: number): number | undefined {
  const [state, ...fields] = statFields(pid);
  return state === undefined || state === 'Z' ? undefined : Number(fields[18]);
}
