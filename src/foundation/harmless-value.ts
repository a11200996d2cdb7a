import { harmless } from './text.ts';

/** Every text inside a value of plain data, made harmless. Parts in which nothing had to change stay the same objects. */
export function harmlessValue<T>(value: T): T {
  // The walk gives back exactly the shape it was given; only string leaves change.
  return walk(value) as T;
}

function walk(value: unknown): unknown {
  if (typeof value === 'string') return harmless(value);
  if (Array.isArray(value)) {
    const walked = value.map(walk);
    return walked.every((each, index) => Object.is(each, value[index])) ? value : walked;
  }
  if (value !== null && typeof value === 'object') {
    const changed = new Map<string, unknown>();
    for (const [key, inner] of Object.entries(value)) {
      const walked = walk(inner);
      if (!Object.is(walked, inner)) changed.set(key, walked);
    }
    if (changed.size === 0) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, changed.has(key) ? changed.get(key) : inner]),
    );
  }
  return value;
}
