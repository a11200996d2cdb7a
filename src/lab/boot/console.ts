import { appendFileSync, writeFileSync } from 'node:fs';

/** The first serial port of a copy, as the file on the hypervisor that QEMU writes it to. */
export interface Console {
  /** Lines of the kernel, with its clock. */
  kernel(...lines: readonly string[]): void;
  plain(...lines: readonly string[]): void;
}

/** A kernel that was not told to use the serial line says nothing there, and systemd speaks to its console. */
export function openConsole(file: string | undefined, isHeard: boolean): Console {
  let milliseconds = 0;
  const write = (text: string): void => {
    if (file !== undefined && isHeard) appendFileSync(file, text);
  };
  return {
    kernel(...lines) {
      for (const line of lines) {
        milliseconds += 137;
        write(`[${(milliseconds / 1000).toFixed(6).padStart(12)}] ${line}\r\n`);
      }
    },
    plain(...lines) {
      milliseconds += 40;
      write(lines.map(line => `${line}\r\n`).join(''));
    },
  };
}

/** QEMU begins the file anew for each domain. */
export const emptySerial = (file: string): void => writeFileSync(file, '', { mode: 0o600 });
