import { harmless } from '../../../foundation/text.ts';
import type { DatabaseFinding, Lane } from '../../../journal/database-facts.ts';

interface Found {
  readonly code: string;
  readonly subject: string;
  readonly what: string;
  /** A command or a sentence that a DBA can act on. */
  readonly remedy: string;
  readonly closes?: readonly Lane[];
  readonly evidence?: readonly string[];
}

/** A few lines of evidence; the rest is counted. */
const MOST_EVIDENCE = 10;

const made = (severity: DatabaseFinding['severity'], found: Found): DatabaseFinding => {
  const evidence = found.evidence ?? [];
  const shown = evidence.slice(0, MOST_EVIDENCE).map(harmless);
  const more = evidence.length - shown.length;
  return {
    code: found.code,
    severity,
    subject: harmless(found.subject),
    what: harmless(found.what),
    remedy: harmless(found.remedy),
    closes: [...(found.closes ?? [])],
    evidence: more > 0 ? [...shown, `… and ${more} more`] : shown,
  };
};

/** Closes lanes, or keeps a table from travelling by rows. */
export const blocker = (found: Found): DatabaseFinding => made('blocker', found);
/** Goes on, and costs something or needs a hand. */
export const warning = (found: Found): DatabaseFinding => made('warning', found);
/** To be known; nothing has to be done now. */
export const note = (found: Found): DatabaseFinding => made('note', found);

const ORDER = { blocker: 0, warning: 1, note: 2 } as const satisfies Record<
  DatabaseFinding['severity'],
  number
>;

export const worstFirst = (findings: readonly DatabaseFinding[]): DatabaseFinding[] =>
  [...findings].sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);
