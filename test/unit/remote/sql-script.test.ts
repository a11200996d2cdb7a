import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatStatements } from '../../../src/remote/sql/script.ts';

/** A script is read by people and pasted into tools: nothing that a server said may end a comment in it. */
test('titles, names and values stay in their comments, whatever is in them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (title, value) => {
      const text = formatStatements([
        {
          on: 'publisher',
          database: 'Orders',
          title,
          text: 'SELECT 1',
          effect: 'reads',
          parameters: { p: { type: 'nvarchar', value } },
          secrets: { s: 'env:A\nDROP DATABASE Orders' },
        },
      ]);
      const lines = text.trimEnd().split(/\r\n|[\n\r\u0085\u2028\u2029]/);
      expect(lines.filter(line => !line.startsWith('--'))).toEqual(['USE [Orders];', 'GO', 'SELECT 1', 'GO']);
    }),
  );
});
