import { describe, expect, it } from 'vitest';
import { type Gate, type Light, lightOf } from '../../../src/readiness/gate.ts';
import { machineNotCovered } from '../../../src/readiness/gates/not-covered.ts';
import { gatesOf } from '../../../src/readiness/gates.ts';
import { waivable } from '../../../src/readiness/waivable.ts';
import { databaseStory } from '../../support/databases.ts';
import { HOUR } from '../../support/state.ts';
import { type Cell, type Row, TABLE, type Told } from './gates-table.ts';

const LIGHTS = ['red', 'amber', 'green', 'unknown'] as const;
type Tellable = Extract<Cell, () => unknown>;

const told = (cell: Tellable): Told => {
  const given = cell();
  return 'story' in given ? given : { story: given };
};

function gateIn({ story, options }: Told, key: string): Gate {
  const found = gatesOf(story.view, story.now, options).find(each => `${each.scope}/${each.check}` === key);
  if (found === undefined) throw new Error(`no gate ${key}`);
  return found;
}

/** The gate after an engineer has accepted it. */
function accepted(given: Told, key: string): Told {
  const { id } = gateIn(given, key);
  given.story.tell({ type: 'gate.waived', gate: id, reason: 'known', until: given.story.now + HOUR });
  return given;
}

/** What is accepted: the red state, or where there is none or it cannot be, the unknown one. */
function acceptable(row: Row, key: string): Told | undefined {
  for (const cell of [row.red, row.unknown]) {
    if (typeof cell !== 'function') continue;
    const state = told(cell);
    if (waivable(gateIn(state, key)) === true) return state;
  }
  return undefined;
}

const cells = Object.entries(TABLE).flatMap(([key, row]) =>
  LIGHTS.map((light): [string, Light, Cell, Row] => [key, light, row[light], row]),
);

describe('the lights of every gate', () => {
  it('has a row for every gate that there is, and for no other', () => {
    const story = databaseStory();
    const known = new Set(
      gatesOf(story.view, story.now)
        .filter(each => each.verdict !== 'not-covered')
        .map(each => `${each.scope}/${each.check}`),
    );
    expect(Object.keys(TABLE).sort()).toEqual([...known].sort());
  });

  it.each(cells)('%s is %s', (key, light, cell, row) => {
    if (typeof cell === 'function') {
      expect(lightOf(gateIn(told(cell), key))).toBe(light);
      return;
    }
    const state = acceptable(row, key);
    if (cell === 'accepted') {
      if (state === undefined) throw new Error(`${key} has nothing that can be accepted`);
      expect(lightOf(gateIn(accepted(state, key), key))).toBe('amber');
      return;
    }
    // A light that a gate never shows is a promise: an acceptance must not turn it amber by the back door.
    if (light === 'amber') expect(state).toBeUndefined();
    for (const other of LIGHTS) {
      const shown = row[other];
      if (typeof shown === 'function') expect(lightOf(gateIn(told(shown), key))).not.toBe(light);
    }
  });

  it('what this version does not cover is unknown, never green', () => {
    for (const facts of machineNotCovered()) expect(lightOf(facts)).toBe('unknown');
  });

  it('says for every state what it rests on and what to do', () => {
    for (const [key, , cell] of cells) {
      if (typeof cell !== 'function') continue;
      const gate = gateIn(told(cell), key);
      expect(
        gate.evidence.filter(line => line !== ''),
        key,
      ).not.toEqual([]);
      expect(
        gate.remedySteps.filter(line => line !== ''),
        key,
      ).not.toEqual([]);
      expect(gate.costOfIgnoring, key).not.toBe('');
    }
  });
});
