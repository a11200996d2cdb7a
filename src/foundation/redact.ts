/**
 * Guards every sink (journal, log, report, screen): known secret values and anything that looks like a
 * private key or a password assignment never pass.
 */
export interface Redactor {
  /** From now on this value is replaced wherever it appears. Values under 4 characters are refused as useless. */
  learn(secret: string): void;
  text(value: string): string;
  /** Redacts every string inside a JSON-like value. */
  value<T>(value: T): T;
}

const MARK = '[redacted]';
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;
const ASSIGNMENT =
  /((?:password|passwd|pwd|secret|token|api[_-]?key)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&]+)/gi;
/** `https://user:password@host`: the password, up to the @. */
const IN_ADDRESS = /(:\/\/[^\s:/?#@"']{1,200}:)[^\s/?#@"']+(?=@)/g;

export function createRedactor(): Redactor {
  const secrets = new Set<string>();

  const text = (value: string): string => {
    let out = value;
    for (const secret of secrets) out = out.replaceAll(secret, MARK);
    return out
      .replace(PRIVATE_KEY, MARK)
      .replace(ASSIGNMENT, (_all, head: string) => `${head}${MARK}`)
      .replace(IN_ADDRESS, (_all, head: string) => `${head}${MARK}`);
  };

  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return value.map(walk);
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]));
    }
    return value;
  };

  return {
    learn(secret) {
      if (secret.length >= 4) secrets.add(secret);
    },
    text,
    // The walk rebuilds exactly the shape it was given; only string leaves change.
    value: <T>(value: T): T => walk(value) as T,
  };
}
