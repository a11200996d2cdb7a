import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands/index.ts';
import { completionScript, SHELLS } from '../../../src/cli/completion.ts';
import { EXIT_MEANING } from '../../../src/foundation/exit-codes.ts';
import { landfall } from '../../support/cli.ts';

describe('help teaches', () => {
  test('without words it shows the commands and a way in that touches nothing', async () => {
    const { code, out } = await landfall([]);
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(out).toContain(command.summary);
    expect(out).toContain('landfall rehearse');
  });

  test.each(COMMANDS.map(c => [c.name, c] as const))(
    '%s --help shows every option and an example',
    async (name, command) => {
      const { code, out } = await landfall([name, '--help']);
      expect(code).toBe(0);
      expect(command.examples.length).toBeGreaterThan(0);
      for (const option of command.options) {
        if (option.hidden === true) expect(out).not.toContain(`--${option.name}`);
        else expect(out).toContain(`--${option.name}`);
      }
      for (const example of command.examples) expect(out).toContain(example.command);
      for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(118);
    },
  );

  test('the exit codes are documented, all of them', async () => {
    const { out } = await landfall(['help', 'exit-codes']);
    for (const [code, meaning] of EXIT_MEANING)
      expect(out).toMatch(new RegExp(`\\b${code}\\b.*${meaning.slice(0, 10)}`));
  });
});

describe('bad words', () => {
  test.each([
    [['chekc'], 'Did you mean check'],
    [['check', 'a', 'b'], 'too many arguments'],
    [['status', '--jsno'], 'Did you mean --json'],
    [['help', 'nothing'], 'no help on'],
    [['completion', 'tcsh'], 'bash, zsh, fish'],
    [['completion'], 'landfall completion SHELL [OPTIONS]'],
    [['stop'], 'landfall stop EVACUATION [OPTIONS]'],
    [['throttle'], 'RATE is missing'],
    [['waive', '--for', '3d'], 'landfall waive [EVACUATION] GATE [OPTIONS]'],
  ])('%j is refused with exit code 2', async (argv, text) => {
    const { code, err } = await landfall(argv);
    expect(code).toBe(2);
    expect(err).toContain(text);
    expect(err).toContain('next:');
  });

  test('with --json the refusal is JSON on stdout', async () => {
    const { code, out } = await landfall(['status', '--json', '--no-such']);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      v: 1,
      type: 'error',
      exit: 2,
      error: { code: 'usage', family: 'act' },
    });
  });
});

describe('completion', () => {
  test.each(SHELLS)('the %s script names every command and option', shell => {
    const script = completionScript(shell, COMMANDS);
    for (const command of COMMANDS) {
      expect(script).toContain(command.name);
      for (const option of command.options) {
        // As an option: the word alone may be part of another's text, as of the fault disk-detached.
        if (option.hidden === true) expect(script).not.toMatch(new RegExp(`(?:--|-l )${option.name}\\b`));
        else expect(script).toContain(option.name);
      }
    }
  });

  const complete = async (words: string): Promise<string[]> => {
    const script = completionScript('bash', COMMANDS);
    const count = words.split(' ').length - 1;
    const { stdout } = await execa('bash', [
      '--norc',
      '-c',
      `${script}\nCOMP_WORDS=(${words.replace(/ $/, ' ""')}); COMP_CWORD=${count}; _landfall; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ]);
    return stdout.split('\n').filter(line => line !== '');
  };

  test('bash itself completes commands, options and choices with it', async () => {
    expect(await complete('landfall rep')).toEqual(['report']);
    expect(await complete('landfall status --one')).toEqual(['--one-line']);
    expect(await complete('landfall completion ')).toEqual(['bash', 'zsh', 'fish']);
  });
});
