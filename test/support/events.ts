import fc from 'fast-check';
import { z } from 'zod';
import { type Event, type EventBody, eventBody, JOURNAL_VERSION } from '../../src/journal/events.ts';

/**
 * Events for property tests, derived from the schema itself: a new event type is covered the day it is added. Names
 * come from small pools, so that events of one sample speak about the same machines, steps and passes.
 */

const POOLS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  machine: fc.constantFrom('web1', 'db1', 'constructor', '__proto__'),
  machines: fc.constantFrom(['web1'], ['web1', 'db1'], ['constructor']),
  hypervisor: fc.constantFrom('mia-kvm1', 'dal-kvm1', 'constructor'),
  step: fc.constantFrom(
    'inventory/web1',
    'build/web1/replica',
    'sync/db1/pass',
    'toString',
    'build/constructor/x',
  ),
  pass: fc.integer({ min: 1, max: 5 }),
};

/** Text with everything that has ever broken a line format: newlines, quotes, controls, lone surrogates. */
const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom(
    '\n',
    '\r\n',
    '"',
    '\\',
    '\0',
    '\u2028',
    '\ud800',
    '\x1b[2J',
    'Größe ✔ 🌀',
    ',"crc":"00000000"}',
  ),
);

const number = fc.oneof(fc.nat(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(-0));

// The public types of zod do not reach into definitions: `_zod.def` is its documented way to introspect.
type Schema = z.core.$ZodType;
type Definition = z.core.$ZodTypes['_zod']['def'];

function arbitraryOf(schema: Schema): fc.Arbitrary<unknown> {
  // Every schema of zod 4 is one of $ZodTypes.
  const definition = schema._zod.def as Definition;
  switch (definition.type) {
    case 'object':
      return objectOf(definition.shape);
    case 'string':
      return text;
    case 'number':
      return number;
    case 'boolean':
      return fc.boolean();
    case 'literal':
      return fc.constantFrom(...definition.values);
    case 'enum':
      return fc.constantFrom(...Object.values(definition.entries));
    case 'array':
      return fc.array(arbitraryOf(definition.element), { minLength: isFilled(schema) ? 1 : 0, maxLength: 2 });
    case 'record':
      return fc.dictionary(text, arbitraryOf(definition.valueType), { maxKeys: 2 });
    case 'optional':
      return arbitraryOf(definition.innerType);
    case 'nullable':
      return fc.option(arbitraryOf(definition.innerType), { nil: null });
    case 'union':
      return fc.oneof(...definition.options.map(arbitraryOf));
    default:
      throw new Error(`no arbitrary for the zod type ${definition.type}: add it here`);
  }
}

/** An array that may not be empty. */
function isFilled(schema: Schema): boolean {
  return !z.safeParse(schema, []).success;
}

function objectOf(shape: Readonly<Record<string, Schema>>): fc.Arbitrary<unknown> {
  const entries = Object.entries(shape);
  const fields = Object.fromEntries(entries.map(([key, schema]) => [key, POOLS[key] ?? arbitraryOf(schema)]));
  const requiredKeys = entries.filter(([, s]) => s._zod.def.type !== 'optional').map(([key]) => key);
  return fc.record(fields, { requiredKeys, noNullPrototype: true });
}

/** Any body that a room may hand to the journal. */
export const arbitraryBody: fc.Arbitrary<EventBody> = arbitraryOf(eventBody).map(value =>
  eventBody.parse(value),
);

const envelope = fc.record({
  at: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  by: fc.constantFrom('engine@jump1:4711', 'anna'),
});

/** One event, number 1. */
export const arbitraryEvent: fc.Arbitrary<Event> = fc
  .tuple(arbitraryBody, envelope)
  .map(([body, rest]) => ({ v: JOURNAL_VERSION, seq: 1, ...rest, ...body }));

/** A journal in memory: numbered from 1 without a gap. */
export const arbitraryJournal: fc.Arbitrary<Event[]> = fc
  .array(arbitraryEvent, { maxLength: 40 })
  .map(events => events.map((event, index) => ({ ...event, seq: index + 1 })));
