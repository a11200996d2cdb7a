import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCrypttab, parseFstab } from '../../../src/tools/fstab.ts';

describe('fstab', () => {
  it('reads fields, escapes, quotes and line numbers as libmount does', () => {
    const text = [
      '# /etc/fstab: static file system information.',
      '',
      'UUID=0a1b2c3d-0000-4000-8000-000000000001 /  ext4\terrors=remount-ro 0 1',
      '  UUID="0a1b2c3d-0000-4000-8000-000000000002"  /srv/my\\040files xfs defaults,nofail',
      '/dev/mapper/vg-swap none swap sw 0 0',
      'LABEL=data /data ext4',
      'half a-line',
    ].join('\n');
    expect(parseFstab(text)).toEqual([
      {
        ...{ line: 3, spec: 'UUID=0a1b2c3d-0000-4000-8000-000000000001', mountpoint: '/', type: 'ext4' },
        options: ['errors=remount-ro'],
      },
      {
        ...{ line: 4, spec: 'UUID=0a1b2c3d-0000-4000-8000-000000000002', mountpoint: '/srv/my files' },
        ...{ type: 'xfs', options: ['defaults', 'nofail'] },
      },
      { line: 5, spec: '/dev/mapper/vg-swap', mountpoint: 'none', type: 'swap', options: ['sw'] },
      { line: 6, spec: 'LABEL=data', mountpoint: '/data', type: 'ext4', options: ['defaults'] },
    ]);
  });

  it('keeps no password of a network file system', () => {
    const [entry] = parseFstab('//nas/x /x cifs user=a,password=hunter2,credentials=/root/c,vers=3 0 0');
    expect(entry?.options).toEqual(['user=a', 'password=withheld', 'credentials=withheld', 'vers=3']);
  });

  it('finds again whatever was written with escapes', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9_./-][A-Za-z0-9_./ -]{0,20}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word), { maxLength: 5 }), rows => {
        const escaped = (value: string): string => value.replaceAll(' ', '\\040');
        const text = rows.map(([a, b]) => `${escaped(a)} /${escaped(b)} ext4 ro 0 0`).join('\n');
        expect(parseFstab(text).map(entry => [entry.spec, entry.mountpoint])).toEqual(
          rows.map(([a, b]) => [a, `/${b}`]),
        );
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        parseFstab(text);
        parseCrypttab(text);
      }),
    );
  });
});

describe('crypttab', () => {
  it('tells everything but the key', () => {
    expect(parseCrypttab('# x\nroot UUID=aa /root/secret.key luks,discard\nswap /dev/vda3\n')).toEqual([
      { line: 2, name: 'root', device: 'UUID=aa', options: ['luks', 'discard'] },
      { line: 3, name: 'swap', device: '/dev/vda3', options: [] },
    ]);
  });
});
