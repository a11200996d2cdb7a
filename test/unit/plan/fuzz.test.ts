import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../../src/plan/format.ts';
import type { PlanResult } from '../../../src/plan/load.ts';
import { parse, SOUND } from './sound-plan.ts';

const scenario = readFileSync(new URL('../../../plans/miami-to-dallas.yaml', import.meta.url), 'utf8');

/** Every problem stands inside the file, in a shape that can be printed. */
function expectPlaced(result: PlanResult, bytes: Uint8Array): void {
  const text = new TextDecoder().decode(bytes);
  const lines = text.split('\n');
  const problems = result.ok ? result.warnings : result.problems;
  if (!result.ok) expect(problems.some(p => p.severity === 'error')).toBe(true);
  for (const problem of problems) {
    expect(problem.line).toBeGreaterThanOrEqual(1);
    expect(problem.line).toBeLessThanOrEqual(lines.length);
    expect(problem.column).toBeGreaterThanOrEqual(1);
    expect(problem.column).toBeLessThanOrEqual((lines[problem.line - 1]?.length ?? 0) + 1);
    expect(problem.message).not.toBe('');
    expect(formatProblem(problem, text)).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f]/);
  }
}

describe('parsePlan never throws', () => {
  it('on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), text => {
        expectPlaced(parse(text), Buffer.from(text));
      }),
    );
  });

  it('on any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), bytes => expectPlaced(parse(bytes), bytes)));
  });

  it('on text that is almost YAML', () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        'machines',
        'version',
        'web1',
        '1',
        'true',
        '~',
        '-',
        ':',
        ': ',
        '\n',
        '\n  ',
        '\n    ',
        '\t',
        ' ',
        '#',
      ],
      ...[
        '{',
        '}',
        '[',
        ']',
        ',',
        '"',
        "'",
        '|',
        '>',
        '&a ',
        '*a',
        '<<: *a',
        '!x ',
        '!!binary ',
        '? ',
        '---\n',
        '...\n',
      ],
      ...[
        '%YAML 1.1\n',
        '\\',
        '\0',
        '\uFEFF',
        '\uFFFD',
        '😀',
        'password: x',
        '://a:b@c',
        '-----BEGIN PRIVATE KEY-----',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), pieces => {
        const text = pieces.join('');
        expectPlaced(parse(text), Buffer.from(text));
      }),
      { numRuns: 500 },
    );
  });

  it('on any value in any place', () => {
    const place = fc.constantFrom(
      ...SOUND.split('\n').flatMap((line, index) => (line.includes(': ') ? [index] : [])),
    );
    const value = fc.oneof(
      fc.json({ maxDepth: 3 }),
      fc.string({ maxLength: 20 }),
      fc.constantFrom(
        '~',
        '[]',
        '{}',
        '&x 1',
        '*x',
        '-1',
        '1e400',
        '.nan',
        '.inf',
        '0x10',
        '99999999999999999999',
      ),
    );
    fc.assert(
      fc.property(place, value, (index, text) => {
        const lines = SOUND.split('\n');
        lines[index] = (lines[index] ?? '').replace(/: .*$/, () => `: ${text}`);
        const mutant = lines.join('\n');
        expectPlaced(parse(mutant), Buffer.from(mutant));
      }),
      { numRuns: 300 },
    );
  });
});

describe('mutants of the scenario', () => {
  const bytes = Buffer.from(scenario);

  it('with bytes flipped, cut out or doubled', () => {
    const where = fc.nat(bytes.length - 1);
    const mutation = fc.oneof(
      fc.record({ kind: fc.constant('flip' as const), at: where, to: fc.nat(255) }),
      fc.record({ kind: fc.constant('cut' as const), at: where, to: fc.nat(40) }),
      fc.record({ kind: fc.constant('double' as const), at: where, to: fc.nat(40) }),
    );
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), mutations => {
        const mutant = mutations.reduce<Buffer>((text, { kind, at, to }) => {
          const head = text.subarray(0, at);
          if (kind === 'flip') return Buffer.concat([head, Buffer.from([to]), text.subarray(at + 1)]);
          if (kind === 'cut') return Buffer.concat([head, text.subarray(at + to)]);
          return Buffer.concat([text.subarray(0, at + to), text.subarray(at)]);
        }, bytes);
        expectPlaced(parse(mutant), mutant);
      }),
      { numRuns: 150 },
    );
  });

  it('with lines removed: what is sound then really has no reference into the void', () => {
    const lines = scenario.split('\n');
    fc.assert(
      fc.property(fc.nat(lines.length - 1), index => {
        const mutant = lines.filter((_, i) => i !== index).join('\n');
        const result = parse(mutant);
        expectPlaced(result, Buffer.from(mutant));
        if (!result.ok) return;
        const { plan } = result;
        for (const { tier, source, target, after } of Object.values(plan.machines)) {
          expect(plan.tiers[tier]).toBeDefined();
          expect(plan.hypervisors[source.hypervisor]).toBeDefined();
          expect(plan.images[target.image]?.hypervisor).toBe(target.hypervisor);
          expect(plan.networks[target.network]).toBeDefined();
          for (const other of after) expect(plan.machines[other] ?? plan.databases[other]).toBeDefined();
        }
      }),
      { numRuns: 200 },
    );
  });
});
