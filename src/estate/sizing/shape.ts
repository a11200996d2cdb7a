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
  /** Absent where nobody logs in: then only its disks are seen. */
  readonly usedBytes?: number;
  readonly files?: number;
  /** Bytes per second; absent where nobody looked twice. */
  readonly writtenPerSecond?: number;
  /** Who saw it: passes know what was really new, disks count every write. */
  readonly writtenFrom?: 'passes' | 'hypervisor' | 'guest' | 'since-boot';
  readonly movers: readonly MoverSize[];
  /** The one that would carry it, or does. */
  readonly mover: (typeof MOVERS)[number];
  /** What has still to travel until its copies converge: all of it before the first copy. Absent where nobody can say. */
  readonly leftBytes?: number;
  /**
   * What a pass costs by itself (connecting, looking at every file, asking for the bitmap), as passes of its mover have
   * shown; absent before they did. Added to the time of what is left, which is the line's alone without it.
   */
  readonly fixedMs?: number;
  /** What passes took, beside what was forecast of them when they began. */
  readonly passes?: readonly PassOutcome[];
  readonly seenAt?: number;
}

/** A pass that ended. ms, bytes on the wire. */
export interface PassOutcome {
  readonly pass: number;
  readonly kind: 'full' | 'delta';
  readonly ms: number;
  readonly sentBytes: number;
  /** As it was said when the pass began; of a first copy, what this sizing says of it now. */
  readonly predictedMs?: number;
}

export interface DatabaseSize {
  readonly name: string;
  /** Its data, as its server counts it. */
  readonly bytes: number;
  /** What its lane still sends over the line. */
  readonly leftBytes: number;
  readonly seenAt: number;
}

export interface Sizing {
  readonly machines: readonly MachineSize[];
  /** The line that is counted with, and where that figure comes from. */
  readonly link?: {
    readonly bytesPerSecond: number;
    readonly from: 'measured' | 'plan' | 'passes';
    /** Of one stream, where it was measured: a copy by blocks has no more. */
    readonly oneStream?: number;
    readonly at?: number;
    readonly bottleneck?: string;
  };
  readonly databases: readonly DatabaseSize[];
  /** Of all that is known: first copies and databases. */
  readonly totalBytes: number;
  /** What of it has still to travel, with the changes until copies converge. */
  readonly leftBytes: number;
  /**
   * The time of that over the line, and of the longest machine with what its last pass costs by itself where that is known
   * (`MachineSize.fixedMs`): the least that it takes. Absent where no line is known.
   */
  readonly totalMs?: number;
  /** Until the earliest loss. */
  readonly leftMs: number;
  /** Absent where evidence is missing for a yes, and what is known is not enough for a no. */
  readonly fits?: boolean;
  /** Why there is no yes, one sentence each. */
  readonly missing: readonly string[];
  /** Machines and databases of which too little is known to count them. */
  readonly unknown: readonly string[];
}
