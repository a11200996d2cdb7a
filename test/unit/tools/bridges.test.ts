import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBridges } from '../../../src/tools/bridges.ts';

describe('ip -j link show type bridge', () => {
  it('names the bridges, past the empty objects of old versions', () => {
    expect(parseBridges('[{},{"ifindex":3,"ifname":"virbr0","mtu":1500},{"ifname":"br-prod"}]')).toEqual([
      'virbr0',
      'br-prod',
    ]);
  });

  it('says nothing where there is none, which is an answer', () => {
    expect(parseBridges('')).toEqual([]);
    expect(parseBridges('\n')).toEqual([]);
    expect(parseBridges('[]')).toEqual([]);
  });

  it('what is no such answer is unreadable', () => {
    for (const text of ['{}', 'null', '[1]', '[{"ifname":7}]', 'Object "link" is unknown'])
      expect(parseBridges(text), text).toBeUndefined();
  });

  it('a name is harmless, and nothing makes it throw', () => {
    expect(parseBridges(JSON.stringify([{ ifname: 'br\u001b[2J' }]))?.join('')).not.toContain('\u001b');
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), text => {
        const names = parseBridges(text);
        expect(names === undefined || names.every(name => typeof name === 'string')).toBe(true);
      }),
    );
  });
});
