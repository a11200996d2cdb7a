import type { MOVERS } from '../../journal/events-sync.ts';

/** How much leaves, and how long that takes. Bytes, bytes per second, ms. Pure data. */

export interface MoverSize {
  readonly mover: (typeof MOVERS)[number];
  /** What the first pass has to carry. */
  readonly fullBytes: number;
  /** Absent where the link was never measured nor limited: then nobody can say. */
  readonly fullMs?: number;
  /** Whether passes would converge at the rate at which it writes, and how long the last one would take. */
  readonly converges?: boolean;
  readonly deltaMs?: number;
  /** What the numbers rest on, and what is missing for better ones. */
  readonly why: string;
}

export interface MachineSize {
  readonly name: string;
  readonly allocatedBytes: number;
  readonly usedBytes: number;
  readonly files: number;
  /** Bytes per second; absent where nobody looked twice. */
  readonly writtenPerSecond?: number;
  readonly movers: readonly MoverSize[];
  readonly seenAt?: number;
}

export interface Sizing {
  readonly machines: readonly MachineSize[];
  /** The line that is counted with, and where that figure comes from. */
  readonly link?: {
    readonly bytesPerSecond: number;
    readonly from: 'measured' | 'plan' | 'passes';
    readonly at?: number;
    readonly bottleneck?: string;
  };
  readonly totalBytes: number;
  readonly totalMs?: number;
  /** Until the earliest loss. */
  readonly leftMs: number;
  readonly fits?: boolean;
  /** Machines of which too little is known to count them. */
  readonly unknown: readonly string[];
}
