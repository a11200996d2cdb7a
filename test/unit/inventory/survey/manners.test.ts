import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { surveyByInput, surveyCommand } from '../../../../src/inventory/collector/collector.ts';
import { decodeSections } from '../../../../src/inventory/guest/sections.ts';
import { readSurvey } from '../../../../src/inventory/survey/survey.ts';
import { commandLine } from '../../../../src/remote/quote.ts';

const SHELLS = [['/bin/dash'], ['/bin/bash'], ['busybox', 'sh']].filter(([program = '']) =>
  ['/bin', '/usr/bin'].some(place => existsSync(path.join(place, path.basename(program)))),
);
const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
const AS_ROOT = process.getuid?.() === 0 && existsSync('/usr/bin/setpriv');

/** Processes that were started with this in their environment. */
function startedWith(mark: string): string[] {
  return readdirSync('/proc').filter(pid => /^\d+$/.test(pid) && environmentOf(pid).includes(mark));
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    // It ended while the list was read.
    return '';
  }
}

describe('the manners of the survey', () => {
  it('is sent as a short command and a script behind it (a command over 35 000 bytes broke the connection)', () => {
    const { argv, stdin } = surveyByInput();
    expect(commandLine(['sudo', '-n', '--', ...argv]).length).toBeLessThan(1000);
    expect(stdin).toContain('"section":"survey-end"');
  });

  it('runs no script that was cut off on its way', async () => {
    const { argv, stdin } = surveyByInput();
    const [program, ...words] = argv;
    const cut = stdin.slice(0, stdin.indexOf('part lsblk'));
    const { exitCode, stdout } = await execa(program, words, { input: cut, reject: false });
    expect([exitCode, stdout]).toEqual([1, '']);
  });

  it.each(SHELLS)('finishes with %s as root or as whoever runs this, and says so', async (...shell) => {
    const { stdout } = await run(shell);
    const { survey } = readSurvey(decodeSections(stdout, 'here'));
    expect(survey.root).toBe(process.getuid?.() === 0);
    expect(survey.gaps.map(({ what }) => what)).not.toContain('the end of the survey');
    expect(survey.uptimeSeconds).toBeGreaterThan(0);
    expect(survey.routes).toBeDefined();
  });

  it.runIf(AS_ROOT).each(SHELLS)('finishes with %s without any right, and asks no sudo', async (...shell) => {
    const { stdout } = await run([...NOBODY, ...shell]);
    const sections = decodeSections(stdout, 'here');
    const { survey } = readSurvey(sections);
    expect(survey.root).toBe(false);
    expect(survey.gaps.map(({ what }) => what)).not.toContain('the end of the survey');
    const filtered = sections.get('nf-tables')?.rc === 0;
    expect(survey.gaps.some(({ what, why }) => what === 'firewall rules' && why === 'needs-root')).toBe(
      filtered && survey.firewall === undefined,
    );
  });

  it('changes no file of the system, and leaves no process', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'landfall-manners-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const before = path.join(directory, 'before');
    writeFileSync(before, '');
    await run(['/bin/sh'], { LANDFALL_MARK: directory });
    expect(startedWith(directory)).toEqual([]);
    const places = ['/etc', '/boot', '/opt', '/usr/local'].filter(place => existsSync(place));
    const changed = await execa('find', [...places, '-xdev', '-newer', before, '-type', 'f'], {
      reject: false,
    });
    expect(changed.stdout).toBe('');
    expect(existsSync('/run/landfall')).toBe(false);
  });

  it('leaves nothing behind when it is killed in the middle', async () => {
    const mark = `landfall-killed-${process.pid}`;
    const [, ...words] = surveyCommand();
    const child = spawn('/bin/sh', words, {
      env: { ...process.env, LANDFALL_MARK: mark },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    // The pipe closes when the last process that could write into it has ended.
    const closed = once(child.stdout, 'close');
    const ended = once(child, 'exit');
    child.stdout.once('data', () => child.kill('SIGKILL'));
    await closed;
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(startedWith(mark)).toEqual([]);
  });
});

async function run(
  shell: readonly string[],
  environment: Record<string, string> = {},
): Promise<{ readonly stdout: string }> {
  const [program = '', ...before] = shell;
  const { argv, stdin } = surveyByInput();
  const [, ...words] = argv;
  return await execa(program, [...before, ...words], {
    ...{ env: environment, maxBuffer: 64 * 1024 ** 2, input: stdin },
    stripFinalNewline: false,
  });
}
