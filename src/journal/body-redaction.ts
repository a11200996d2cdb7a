import type { Redactor } from '../foundation/redact.ts';
import type { EventBody } from './events.ts';

/**
 * Fields that hold our own words or names from the plan, never text from outside. A password that happens to be the
 * name of a machine, or the word `delta`, must not turn a record into an unreadable one.
 */
const OWN_WORDS = new Set([
  'type',
  'name',
  'machine',
  'machines',
  'hypervisor',
  'databases',
  'step',
  'phase',
  'kind',
  'mover',
  'consistency',
  'verdict',
  'outcome',
  'code',
  'family',
  'planHash',
  'firmware',
  'bootMode',
  'protocol',
]);

/** The body with every secret replaced, wherever text from a host or a person may carry one. */
export function redactBody(body: EventBody, redactor: Redactor): EventBody {
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return redactor.text(value);
    if (Array.isArray(value)) return value.map(walk);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, isOwnWord(key, inner) ? inner : walk(inner)]),
    );
  };
  // The walk rebuilds exactly the shape it was given; only string leaves change.
  return walk(body) as EventBody;
}

/** An object under such a key is a map whose key only looks like one of ours. */
function isOwnWord(key: string, value: unknown): boolean {
  return OWN_WORDS.has(key) && (typeof value !== 'object' || Array.isArray(value));
}
