import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { keysAt, planJsonSchemaText, schemaAt } from '../../../src/plan/json-schema.ts';

describe('plans/plan.schema.json', () => {
  const committed = readFileSync(new URL('../../../plans/plan.schema.json', import.meta.url), 'utf8');

  it('is current (else: node scripts/plan-schema.ts)', () => {
    expect(committed).toBe(planJsonSchemaText());
  });

  it('is draft-7, refuses unknown keys, and asks for no key that has a default', () => {
    const schema = JSON.parse(committed);
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
    expect(schema.additionalProperties).toBe(false);
    expect(schema.required).toEqual(
      expect.arrayContaining([
        'version',
        'name',
        'deadline',
        'sites',
        'hypervisors',
        'images',
        'tiers',
        'machines',
      ]),
    );
    expect(schema.required).not.toEqual(expect.arrayContaining(['link']));
  });
});

it('the schema can be asked about a place', () => {
  expect(keysAt(['machines', 'anything', 'target'])).toContain('image');
  expect(keysAt(['machines'])).toEqual([]);
  expect(schemaAt(['link', 'windows', 0, 'days', 2])?.enum).toContain('mon');
  expect(schemaAt(['link', 'constructor'])).toBeUndefined();
  expect(schemaAt(['no', 'such', 'place'])).toBeUndefined();
});
