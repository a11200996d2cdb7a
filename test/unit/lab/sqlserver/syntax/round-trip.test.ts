import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseBatch,
  parseCondition,
  parseExpression,
} from '../../../../../src/lab/sqlserver/syntax/parse.ts';
import * as print from './printer.ts';
import * as trees from './trees.ts';

/** Blanks and comments between any two words change nothing. */
const gaps = fc.infiniteStream(
  fc.constantFrom(' ', ' ', ' ', '\n', '\t', '\r\n', " /* it's /* nested */ */ ", ' -- rest [of the line\n'),
);
const spread = (words: readonly string[], between: Iterable<string>): string => {
  const next = between[Symbol.iterator]();
  return words.map(word => word + String(next.next().value)).join('');
};

const withoutLines = (tree: unknown): unknown => {
  if (Array.isArray(tree)) return tree.map(withoutLines);
  if (tree === null || typeof tree !== 'object' || tree instanceof Uint8Array) return tree;
  return Object.fromEntries(
    Object.entries(tree)
      .filter(([key]) => key !== 'line')
      .map(([key, value]) => [key, withoutLines(value)]),
  );
};

describe('what the printer writes, the parser reads', () => {
  it('for expressions', () => {
    fc.assert(
      fc.property(trees.expression, gaps, (tree, between) => {
        expect(withoutLines(parseExpression(spread(print.expression(tree), between)))).toEqual(
          withoutLines(tree),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('for conditions', () => {
    fc.assert(
      fc.property(trees.condition, gaps, (tree, between) => {
        expect(withoutLines(parseCondition(spread(print.condition(tree), between)))).toEqual(
          withoutLines(tree),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('for queries', () => {
    fc.assert(
      fc.property(trees.query, gaps, (tree, between) => {
        const [statement] = parseBatch(spread(print.query(tree), between));
        expect(withoutLines(statement)).toEqual({ statement: 'select', query: withoutLines(tree) });
      }),
      { numRuns: 300 },
    );
  });
});
