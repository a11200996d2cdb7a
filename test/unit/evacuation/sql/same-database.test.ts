import { expect, it } from 'vitest';
import { isSameDatabase } from '../../../../src/evacuation/sql-hands.ts';

const handover = { dark: false, startedAt: 1, steps: [] };
const shipping = { lane: 'log-shipping' } as const;

it('production that landfall itself closed or recovered in a hand-over by log shipping is still production', () => {
  expect(isSameDatabase('f/1', 'broker/-', { handover }, shipping)).toBe(true);
  expect(isSameDatabase('f/1', 'f/2', { handover }, shipping)).toBe(true);
});

it('in every other case another recovery fork is another database', () => {
  expect(isSameDatabase('f/1', 'f/1', {}, shipping)).toBe(true);
  expect(isSameDatabase('f/1', 'f/2', {}, shipping)).toBe(false);
  expect(isSameDatabase('f/1', 'g/2', { handover }, shipping)).toBe(false);
  expect(isSameDatabase('f/1', undefined, { handover }, shipping)).toBe(false);
  expect(isSameDatabase('f/1', 'f/2', { handover }, { lane: 'clone' })).toBe(false);
});
