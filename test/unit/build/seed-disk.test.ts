import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isoImage } from '../../../src/build/receiver/iso9660.ts';
import { hostKeyOnConsole, seedFiles } from '../../../src/build/receiver/nocloud.ts';

const SECTOR = 2048;

/** What a reader of ECMA-119 finds: by the descriptor's own pointers, not by where the writer put things. */
function readIso(image: Uint8Array): { label: string; files: Record<string, string> } {
  const bytes = Buffer.from(image);
  const at = 16 * SECTOR;
  expect(bytes.toString('ascii', at + 1, at + 6)).toBe('CD001');
  expect(bytes[at]).toBe(1);
  expect(bytes.readUInt32LE(at + 80)).toBe(bytes.length / SECTOR);
  expect(bytes[17 * SECTOR]).toBe(255);
  const extent = (record: number): [number, number] => {
    const sector = bytes.readUInt32LE(record + 2);
    const length = bytes.readUInt32LE(record + 10);
    expect(bytes.readUInt32BE(record + 6)).toBe(sector);
    expect(bytes.readUInt32BE(record + 14)).toBe(length);
    return [sector * SECTOR, length];
  };
  const [root, rootLength] = extent(at + 156);
  const little = bytes.readUInt32LE(at + 140) * SECTOR;
  const big = bytes.readUInt32BE(at + 148) * SECTOR;
  expect(bytes.readUInt32LE(little + 2) * SECTOR).toBe(root);
  expect(bytes.readUInt32BE(big + 2) * SECTOR).toBe(root);
  const files: Record<string, string> = {};
  for (let record = root; record < root + rootLength && bytes[record] !== 0; record += bytes[record] ?? 1) {
    const id = bytes.toString('ascii', record + 33, record + 33 + (bytes[record + 32] ?? 0));
    const [start, length] = extent(record);
    const isDirectory = ((bytes[record + 25] ?? 0) & 2) !== 0;
    // As the kernel's isofs shows names: lower case, without the version.
    if (!isDirectory)
      files[id.toLowerCase().replace(/\.?;1$/, '')] = bytes.toString('utf8', start, start + length);
  }
  return { label: bytes.toString('ascii', at + 40, at + 72).trim(), files };
}

const wish = {
  instance: 'landfall-storm-web1-2026',
  hostname: 'web1-receiver',
  user: 'root',
  keys: ['ssh-ed25519 AAAA dana@jump2'],
  mac: '52:54:00:12:34:56',
  address: { address: '10.30.0.11', prefix: 24, gateway: '10.30.0.1' },
};

describe('the seed disk', () => {
  it('holds what NoCloud looks for, under its label', () => {
    const files = seedFiles(wish);
    const read = readIso(isoImage('cidata', files));
    expect(read.label).toBe('cidata');
    expect(Object.keys(read.files).sort()).toEqual(['meta-data', 'network-config', 'user-data']);
    expect(read.files['user-data']?.startsWith('#cloud-config\n')).toBe(true);
    expect(parse(read.files['user-data'] ?? '')).toMatchObject({
      users: [{ name: 'root', lock_passwd: true, ssh_authorized_keys: wish.keys }],
      disable_root: false,
      ssh_pwauth: false,
    });
    expect(parse(read.files['network-config'] ?? '')).toEqual({
      version: 2,
      ethernets: {
        receiver: {
          match: { macaddress: wish.mac },
          dhcp4: false,
          addresses: ['10.30.0.11/24'],
          routes: [{ to: '0.0.0.0/0', via: '10.30.0.1' }],
        },
      },
    });
    expect(JSON.stringify(read.files)).not.toContain('passwd":"');
  });

  it('asks DHCP where the plan knows no address, and lets another user than root become root', () => {
    const { files } = readIso(isoImage('cidata', seedFiles({ ...wish, user: 'ops', address: undefined })));
    expect(parse(files['network-config'] ?? '').ethernets.receiver).toEqual({
      match: { macaddress: wish.mac },
      dhcp4: true,
    });
    expect(parse(files['user-data'] ?? '').users[0].sudo).toContain('NOPASSWD');
  });

  it('keeps any content, whole', () => {
    const content = fc.string({ maxLength: 6000, unit: 'grapheme' });
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), content, { maxKeys: 8 }),
        wanted => {
          const files = Object.entries(wanted).map(([name, text]) => ({ name, content: text }));
          expect(readIso(isoImage('cidata', files)).files).toEqual({ ...wanted });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses more files than one directory holds', () => {
    const many = Array.from({ length: 80 }, (_, index) => ({ name: `file-${index}`, content: '' }));
    expect(() => isoImage('cidata', many)).toThrow(RangeError);
  });
});

describe('the host key on the console', () => {
  const key = `ssh-ed25519 ${'A'.repeat(68)}`;
  const block = (line: string): string =>
    `[   12.3] x\r\n-----BEGIN SSH HOST KEY KEYS-----\r\necdsa-sha2-nistp256 AAAA root@r\r\n${line} root@r\r\n-----END SSH HOST KEY KEYS-----\r\n`;

  it('is the one of the last boot', () => {
    const newer = key.replace('AAAA', 'BBBB');
    expect(hostKeyOnConsole(block(key) + block(newer))).toBe(newer);
  });

  it('is none where the block is not whole, or is not there', () => {
    expect(hostKeyOnConsole(block(key).slice(0, -30))).toBeUndefined();
    expect(hostKeyOnConsole(`${key} root@r`)).toBeUndefined();
    expect(hostKeyOnConsole('')).toBeUndefined();
  });
});
