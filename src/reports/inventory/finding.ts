import { freshness } from '../../estate/freshness.ts';

/** Something that the inventory saw and that somebody has to know, settle or waive before a cutover. */
export interface InventoryFinding {
  /** Stable across runs: `gap:web1`, `machine/web1/depends-10.1.0.9-5432`. */
  readonly id: string;
  readonly kind: FindingKind;
  /** `critical` stands in the way of a cutover; a `note` says what is not known. */
  readonly severity: 'critical' | 'warning' | 'note';
  /** A machine, a database, a hypervisor, a SQL Server, or the name of the plan. */
  readonly subject: string;
  readonly what: string;
  readonly why?: string;
  readonly evidence: readonly string[];
  readonly next: readonly string[];
  /** When it was seen, epoch ms; absent where nobody has looked, and where the plan alone says it. */
  readonly seenAt?: number;
  /** `12m00s ago`, `2d 03h ago: stale`, `not looked at`, `from the plan`. */
  readonly seen: string;
  readonly stale: boolean;
  /** The gate that speaks of it, where that is not named by its id: what `landfall waive` takes. */
  readonly gate?: string;
  /** The reason for which it was accepted, and by whom. */
  readonly waived?: string;
}

export type FindingKind =
  | 'look'
  | 'dependency'
  | 'order'
  | 'drift'
  | 'copy'
  | 'share'
  | 'schedule'
  | 'server'
  | 'size'
  | 'gap';

/** A finding before its age was judged. */
export type BareFinding = Omit<InventoryFinding, 'seen' | 'stale'>;

/** Peers show over days and do not become wrong overnight; everything else is as old as the look. */
const KEPT: Partial<Record<FindingKind, Parameters<typeof freshness>[0]>> = { dependency: 'peers' };

/** The finding with its age in words at `now`, epoch ms. */
export function aged(found: BareFinding, now: number): InventoryFinding {
  if (found.seenAt === undefined)
    return found.kind === 'look'
      ? { ...found, seen: 'not looked at', stale: true }
      : { ...found, seen: 'from the plan', stale: false };
  const { words, stale } = freshness(KEPT[found.kind] ?? 'inventory', found.seenAt, now);
  return { ...found, seen: words, stale };
}

const WEIGHT = { critical: 0, warning: 1, note: 2 } as const;

const rank = ({ severity, waived }: InventoryFinding): number =>
  WEIGHT[severity] + (waived === undefined ? 0 : 10);

/** What stands in the way first; what was accepted last; otherwise in the order in which they came. */
export const byWeight = (a: InventoryFinding, b: InventoryFinding): number => rank(a) - rank(b);
