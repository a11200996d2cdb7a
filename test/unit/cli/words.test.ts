import { describe, expect, test } from 'vitest';
import { wordsOf } from '../../../src/cli/words.ts';
import { LandfallError } from '../../../src/foundation/errors.ts';
import { landfall } from '../../support/cli.ts';

const table = {
  name: 'copy',
  arguments: [{ name: 'plan', description: '', required: false, completes: 'plan' as const }],
  options: [
    { name: 'dry-run', description: '' },
    { name: 'scale', value: 'X', description: '' },
    { name: 'fault', value: 'KIND', description: '', many: true },
    { name: 'mover', value: 'NAME', description: '' },
  ],
};

const refusal = (read: () => unknown): { code: string; what: string } => {
  try {
    read();
  } catch (error) {
    if (error instanceof LandfallError) return { code: error.code, what: error.facts.what };
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('words', () => {
  test('what was not given is absent, and a switch is off', () => {
    const words = wordsOf(table, {});
    expect(words.flag('dry-run')).toBe(false);
    expect(words.text('plan')).toBeUndefined();
    expect(words.texts('fault')).toEqual([]);
    expect(words.number('scale', { min: 0, max: 1 })).toBeUndefined();
  });

  test('what was given is read by the names of the table', () => {
    const words = wordsOf(table, {
      plan: 'a.yaml',
      dryRun: true,
      scale: '0.5',
      fault: ['tear', 'freeze'],
      mover: 'files',
    });
    expect(words.flag('dry-run')).toBe(true);
    expect(words.text('plan')).toBe('a.yaml');
    expect(words.texts('fault')).toEqual(['tear', 'freeze']);
    expect(words.number('scale', { min: 0, max: 1 })).toBe(0.5);
    expect(words.oneOf('mover', ['files', 'blocks'])).toBe('files');
  });

  test.each([
    ['2', {}, '--scale: "2" is not a number from 0 to 1'],
    ['', {}, '--scale: "" is not a number from 0 to 1'],
    ['x', {}, '--scale: "x" is not a number from 0 to 1'],
    ['0.5', { whole: true }, '--scale: "0.5" is not a whole number from 0 to 1'],
    ['-1', { max: Number.POSITIVE_INFINITY }, '--scale: "-1" is not a number of at least 0'],
  ])('the number %j is refused', (given, bounds, what) => {
    const words = wordsOf(table, { scale: given });
    expect(refusal(() => words.number('scale', { min: 0, max: 1, ...bounds }))).toEqual({
      code: 'usage',
      what,
    });
  });

  test('a choice outside its set, or missing, names the set', () => {
    expect(refusal(() => wordsOf(table, { mover: 'tapes' }).oneOf('mover', ['files', 'blocks'])).what).toBe(
      '--mover: "tapes" is not one of: files, blocks',
    );
    expect(refusal(() => wordsOf(table, {}).oneOf('mover', ['files', 'blocks'])).what).toBe(
      '--mover: give one of: files, blocks',
    );
  });

  test('a name that the table lacks is our mistake, not the engineer’s', () => {
    expect(refusal(() => wordsOf(table, {}).flag('dryrun')).code).toBe('bug');
  });
});

describe('words of commands', () => {
  test.each([
    [['rehearse', '--scale', '11'], '--scale: "11" is not a number from 0.01 to 10'],
    [['rehearse', '--seed', '1.5'], '--seed: "1.5" is not a whole number of at least 0'],
    [['rehearse', '--fault', 'flood'], '"flood" is no fault; there are: link-drop'],
    [['completion', 'tcsh'], 'SHELL: "tcsh" is not one of: bash, zsh, fish'],
  ])('%j is refused before anything is touched', async (argv, text) => {
    const { code, err } = await landfall(argv);
    expect(code).toBe(2);
    expect(err).toContain(text);
    expect(err).toContain(`landfall ${argv[0]} --help`);
  });
});
