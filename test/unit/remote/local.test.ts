import { describe, expect, it } from 'vitest';
import { runLocal } from '../../../src/remote/local.ts';
import { rejection } from '../../support/ssh-world.ts';

describe('local processes', () => {
  it('hand back bytes and code, and pass arguments untouched', async () => {
    const result = await runLocal(
      ['sh', '-c', 'printf "%s|" "$@"; printf "\\377\\n"; exit 4', 'sh', "a'b", ''],
      {
        codes: [4],
      },
    );
    expect(result.code).toBe(4);
    expect(result.stdout).toEqual(Buffer.concat([Buffer.from("a'b||"), Buffer.from([0xff, 0x0a])]));
  });

  it('have no standard input unless they are given one', async () => {
    expect((await runLocal(['cat'])).stdout.length).toBe(0);
    expect((await runLocal(['cat'], { stdin: 'grüß' })).stdout.toString()).toBe('grüß');
  });

  it('see only the environment that is handed in', async () => {
    const { stdout } = await runLocal(['/usr/bin/env'], { env: { A: '1' }, set: { B: '2' } });
    expect(stdout.toString().trim().split('\n').sort()).toEqual(['A=1', 'B=2', 'LC_ALL=C']);
  });

  it('fail by name', async () => {
    expect(await rejection(runLocal(['no-such-tool']))).toMatchObject({ code: 'local.command-missing' });
    expect(await rejection(runLocal(['sh', '-c', 'echo why >&2; exit 3']))).toMatchObject({
      code: 'local.command-failed',
      message: 'sh ended with exit code 3',
      facts: { evidence: ['why'] },
    });
    expect(await rejection(runLocal(['sh', '-c', 'kill -9 $$']))).toMatchObject({
      message: expect.stringContaining('SIGKILL'),
    });
    expect(await rejection(runLocal(['sleep', '60'], { timeoutMs: 100 }))).toMatchObject({
      message: expect.stringContaining('longer than 0.1s'),
    });
    expect(await rejection(runLocal(['yes'], { maxBytes: 1000 }))).toMatchObject({
      message: expect.stringContaining('more than 1000 bytes'),
    });
    const stop = AbortSignal.abort();
    expect(await rejection(runLocal(['sleep', '60'], { signal: stop }))).toMatchObject({ code: 'cancelled' });
  });
});
