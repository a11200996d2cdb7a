import { expect, it } from 'vitest';
import { judge } from '../../../src/pace/judge.ts';
import { recentOf } from '../../../src/pace/recent.ts';
import { MB, passesOf } from './passes.ts';

const judged = { verdict: 'converged' as const, why: '', help: [] };

it('a standby of weeks is judged by its newest passes and its newest full copy', () => {
  const sketches = Array.from({ length: 3000 }, (_, at) => ({
    ms: 5000,
    bytes: at === 0 ? 200 * MB : 3 * MB,
  }));
  const passes = passesOf(sketches).map(pass => ({ ...pass, judged }));
  const recent = recentOf(passes);
  expect(recent.length).toBeLessThan(300);
  expect(recent[0]).toBe(passes[0]);
  expect(recent.slice(1)).toEqual(passes.slice(-(recent.length - 1)));
  // Of one list it is one list: what is fitted to it is kept.
  expect(recentOf(passes)).toBe(recent);
  const settings = { small: MB, atMost: 20 };
  expect(judge(passes, settings)).toEqual(judge(recent, settings));
  expect(judge(passes, settings).verdict).toBe('converged');
});

it('few passes are all looked at', () => {
  const passes = passesOf([{ ms: 5000, bytes: MB }]);
  expect(recentOf(passes)).toBe(passes);
});
