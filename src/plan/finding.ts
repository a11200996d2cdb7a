/**
 * What the reading of a plan found, in terms of the plan: where in the file that is, and how it looks, is added
 * once, in problem.ts. So a check says `machines.web1.target.image`, and knows nothing of lines.
 */

export type PathKey = string | number;
export type PlanPath = readonly PathKey[];
export type Severity = 'error' | 'warning';

export interface Finding {
  readonly path: PlanPath;
  /** Whether the key or the value at the path is at fault; default `value`. */
  readonly on?: 'key' | 'value';
  /** Offset in the text, where there is no node: syntax and encoding. Wins over the path. */
  readonly offset?: number;
  /** One sentence without a full stop, in words that need no manual. */
  readonly message: string;
  /** The offending value as written; made short and harmless before it is shown. */
  readonly value?: string;
  /** What to write instead, or what to look at. */
  readonly suggestion?: string;
  readonly severity: Severity;
  /** A secret that stands at the place: neither it nor its lines are ever shown. */
  readonly secret?: string;
}

type Details = Omit<Finding, 'path' | 'message' | 'severity'>;

/** The plan is refused for this. */
export const fault = (path: PlanPath, message: string, details: Details = {}): Finding => ({
  path,
  message,
  severity: 'error',
  ...details,
});

/** The plan is accepted, and this is said. */
export const caution = (path: PlanPath, message: string, details: Details = {}): Finding => ({
  path,
  message,
  severity: 'warning',
  ...details,
});
