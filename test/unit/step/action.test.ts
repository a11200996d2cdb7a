import { describe, expect, it } from 'vitest';
import { describe as describeAction, displayWord, fact, join, waitsFor } from '../../../src/step/action.ts';

const addresses = { unknown: 'addresses of db1', from: 'inventory/db1' };

describe('a word that is not known yet', () => {
  it('stands in brackets once, however often it is joined', () => {
    expect(join(addresses)).toEqual(addresses);
    expect(displayWord(join(join(join(addresses))), 1)).toBe('‹addresses of db1›');
    expect(displayWord(join('a=', join('b=', addresses)), 1)).toBe("'a=b=‹addresses of db1›'");
  });

  it('waits for the fact itself, not for the text around it', () => {
    const content = join(
      'db1.receiver ',
      fact(undefined, 'host key of the receiver', 'build/db1/prepare'),
      '\n',
    );
    const write = { kind: 'write', host: 'db1', path: '/run/known_hosts', mode: 0o600, content } as const;
    expect(waitsFor(write).map(({ unknown, from }) => ({ unknown, from }))).toEqual([
      { unknown: 'host key of the receiver', from: 'build/db1/prepare' },
    ]);
    expect(displayWord(content, 1)).toBe("'db1.receiver ‹host key of the receiver›'");
    expect(displayWord(content, 1)).not.toContain('\n');
  });

  it('leaves the rest of its line fit for a shell', () => {
    const json = join('{"handle":', fact(undefined, 'handle', 'build/db1/access'), '}');
    const action = { kind: 'exec', host: 'kvm', argv: ['virsh', json, addresses] } as const;
    expect(describeAction(action)).toBe(`virsh '{"handle":‹handle›}' ‹addresses of db1›`);
  });

  it('quotes an equals sign only where it would be an assignment', () => {
    expect(displayWord('A=b', 0)).toBe("'A=b'");
    expect(displayWord('LC_ALL=C', 1)).toBe('LC_ALL=C');
  });

  it('is no longer there once every part is known', () => {
    expect(join('a', fact(1, 'b', 'c'), 'd')).toBe('a1d');
  });
});
