import { afterEach, describe, expect, it } from 'vitest';
import { type OpenPty, openPty, type PtyOptions } from '../../support/terminal-pty.ts';

const PROGRAM = `
process.stdin.setRawMode(true);
const size = () => process.stdout.write('\\r\\nsize ' + process.stdout.columns + 'x' + process.stdout.rows);
process.stdout.on('resize', size);
process.stdin.on('data', bytes => {
  if (String(bytes) === 'q') { process.stdout.write('\\u001B[?1049l'); process.exitCode = 3; process.stdin.destroy(); }
  else process.stdout.write('\\r\\nheard ' + JSON.stringify(String(bytes)));
});
process.on('SIGTERM', () => { process.stdout.write('\\r\\nterminated', () => process.exit(143)); });
process.stdout.write('\\u001B[?1049h\\u001B[31mready\\u001B[0m CI=' + ('CI' in process.env));
`;

let pty: OpenPty | undefined;
afterEach(() => pty?.close());
const open = (options: Partial<PtyOptions> = {}): OpenPty => {
  pty = openPty({
    command: process.execPath,
    args: ['-e', PROGRAM],
    columns: 40,
    rows: 10,
    env: { CI: undefined },
    ...options,
  });
  return pty;
};

describe('openPty', () => {
  it('runs a program in a terminal, without CI, with keys, resize, exit code and raw output', async () => {
    const { screen, press, resize, exited, raw } = open();
    await screen.waitFor('ready CI=false');
    expect(screen.isAlternate).toBe(true);
    expect(screen.cell(0, 0)).toMatchObject({ text: 'r', colour: 1 });
    press('up');
    await screen.waitFor('heard "\\u001b[A"');
    resize(30, 8);
    await screen.waitFor('size 30x8');
    press('q');
    expect(await exited).toEqual({ code: 3, signal: undefined });
    expect(screen.isAlternate).toBe(false);
    expect(raw()).toMatch(/\u001B\[\?1049l$/);
  });

  it('signals only what it started', async () => {
    const { screen, kill, exited, raw } = open();
    await screen.waitFor('ready');
    kill('SIGTERM');
    expect(await exited).toMatchObject({ code: 143 });
    expect(raw()).toContain('terminated');
  });

  it('hangs up', async () => {
    const { screen, hangUp, exited } = open();
    await screen.waitFor('ready');
    hangUp();
    expect(await exited).toMatchObject({ signal: 1 });
  });

  it('whoever waits hears at once that the program has ended', async () => {
    const { screen } = open({ args: ['-e', 'process.stdout.write("short"); process.exitCode = 7'] });
    await expect(screen.waitFor('never', { within: 20_000 })).rejects.toThrow(
      /the program ended with code 7, and never came: never[\s\S]*short/,
    );
  });
});
