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
    const walked = Object.entries(value).map(([key, inner]) => ({ key, inner, made: walk(inner) }));
    if (walked.every(({ inner, made }) => Object.is(inner, made))) return value;
    return Object.fromEntries(walked.map(({ key, made }) => [key, made]));
  }
  return value;
}
