import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inOrder } from '../../../../src/database/drift/order.ts';
import {
  afterVerb,
  moduleBatch,
  sameDefinition,
  withVerb,
} from '../../../../src/database/drift/script/module.ts';
import { mentions, normalExpression, sameExpression } from '../../../../src/database/drift/text.ts';

describe('the verb of a module', () => {
  it.each([
    ['CREATE VIEW v AS SELECT 1 AS n', ' VIEW v AS SELECT 1 AS n'],
    ['\r\n-- CREATE nothing\n  create or  alter  proc p AS RETURN', '  proc p AS RETURN'],
    ['/* CREATE /* nested */ */ alter procedure p AS RETURN', ' procedure p AS RETURN'],
    ['CREATED', undefined],
    ['/* no end', undefined],
  ])('%j', (definition, rest) => {
    expect(afterVerb(definition)).toBe(rest);
  });

  it('is changed, and nothing else is', () => {
    const text = "-- $& CREATE\nCREATE FUNCTION f() RETURNS int AS BEGIN RETURN 1 END -- CREATE '$1'";
    expect(withVerb(text, 'ALTER')).toBe(text.replace(/\nCREATE/, '\nALTER'));
    expect(sameDefinition(text, withVerb(text, 'ALTER'))).toBe(true);
  });

  it('goes into EXEC where a module was made without a setting', () => {
    expect(
      moduleBatch(
        { definition: "CREATE PROC p AS SELECT 'a'", ansiNulls: true, quotedIdentifier: false },
        'ALTER',
      ),
    ).toBe(
      [
        'SET ANSI_NULLS ON;',
        'SET QUOTED_IDENTIFIER OFF;',
        "EXEC (N'ALTER PROC p AS SELECT ''a''');",
        'SET ANSI_NULLS ON;',
        'SET QUOTED_IDENTIFIER ON;',
      ].join('\n'),
    );
  });

  it('does not count line ends, but every other character', () => {
    expect(sameDefinition('CREATE VIEW v AS\r\nSELECT 1 ', 'create view v AS\nSELECT 1')).toBe(false);
    expect(sameDefinition('CREATE VIEW v AS\r\nSELECT 1 ', 'create VIEW v AS\nSELECT 1')).toBe(true);
    expect(sameDefinition(undefined, undefined)).toBe(false);
  });
});

describe('expressions', () => {
  it.each([
    ['((5))', '5', true],
    ['(getdate())', '(GETDATE())', true],
    ["('a')", "('A')", false],
    ['([A]>(0))', '([A] > (0))', false],
    ['(a)+(b)', 'a)+(b', false],
    ["(N'it''s ) (')", "N'it''s ) ('", true],
    [undefined, undefined, true],
    ['(1)', undefined, false],
  ])('%j and %j', (left, right, same) => {
    expect(sameExpression(left, right)).toBe(same);
  });

  it('come to the same form again', () => {
    const piece = fc.constantFrom('(', ')', "'", "''", '[', ']', 'a', 'B', ' ', '\n', '+', '"');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), pieces => {
        const once = normalExpression(pieces.join(''));
        expect(normalExpression(once)).toBe(once);
      }),
    );
  });
});

describe('names in a text', () => {
  it.each([
    ['SELECT * FROM dbo.Loan', 'loan', true],
    ['SELECT * FROM dbo.LoanItem', 'Loan', false],
    ['SELECT [Loan]', 'Loan', true],
    ['SELECT @Loan, Loan', 'Loan', true],
    ['SELECT @Loan', 'Loan', false],
    ['SELECT [a b]', 'a b', true],
    ['Größe', 'Größ', false],
  ])('%j mentions %j: %s', (text, name, found) => {
    expect(mentions(text, name)).toBe(found);
  });
});

describe('the order of modules', () => {
  it('has what is named first, and keeps a circle together', () => {
    const module = (name: string, ...names: string[]) => ({ name, definition: `… ${names.join(', ')} …` });
    const ordered = inOrder([module('a', 'b'), module('b', 'c', 'd'), module('c'), module('d', 'b')]);
    expect(ordered.map(each => each.name)).toEqual(['c', 'd', 'b', 'a']);
  });

  it('stands chains that are longer than a stack is deep', () => {
    const count = 3000;
    const chain = Array.from({ length: count }, (_, at) => ({ name: `v${at}_`, definition: `v${at + 1}_` }));
    expect(inOrder(chain)[0]?.name).toBe(`v${count - 1}_`);
  });
});
