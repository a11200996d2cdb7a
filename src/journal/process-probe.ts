import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { errno } from './troubles.ts';

/** Where a process lives, as exactly as can be told; parts that cannot be read are absent. */
export interface Whereabouts {
  readonly host: string;
  /** Survives restarts, differs between hosts of the same name. */
  readonly machineId?: string | undefined;
  /** One per start of the kernel, unique in the world. */
  readonly bootId?: string | undefined;
  /** Process numbers mean something only inside one PID namespace (containers share a kernel). */
  readonly pidNamespace?: string | undefined;
}

/** What can be seen of a process number; start ticks tell a holder from a stranger that got its number. */
export type Sighting =
  | { readonly exists: false }
  | { readonly exists: true; readonly startTicks?: number | undefined };

export interface ProcessProbe {
  whereabouts(): Promise<Whereabouts>;
  /** Looks at a process of this host. */
  look(pid: number): Promise<Sighting>;
}

/** Linux by /proc; elsewhere process numbers alone, which makes takeovers more cautious, never less. */
export const systemProbe: ProcessProbe = {
  async whereabouts() {
    return {
      host: hostname(),
      machineId: await firstLine('/etc/machine-id'),
      bootId: await firstLine('/proc/sys/kernel/random/boot_id'),
      pidNamespace: await readlink('/proc/self/ns/pid').catch(absent),
    };
  },

  async look(pid) {
    if (!answersSignalZero(pid)) return { exists: false };
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(absent);
    if (stat === undefined) return { exists: answersSignalZero(pid) };
    // The name in parentheses may hold anything; the fields after the last one are numbers (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTicks] = [fields[0], Number(fields[19])];
    // A zombie has ended; only its parent has not looked yet.
    if (state === 'Z' || state === 'X') return { exists: false };
    return { exists: true, ...(Number.isSafeInteger(startTicks) ? { startTicks } : {}) };
  },
};

function answersSignalZero(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another user.
    return errno(error) !== 'ESRCH';
  }
}

async function firstLine(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch(absent);
  const line = text?.split('\n')[0]?.trim();
  return line === '' ? undefined : line;
}

/** Not every system has these files: what cannot be read is unknown. */
const absent = (): undefined => undefined;
