import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { collectorCommand } from '../../../src/inventory/collector/collector.ts';
import { readGuest } from '../../../src/inventory/guest/guest.ts';
import { decodeSections } from '../../../src/inventory/guest/sections.ts';

/** Runs the collector as a host would, with `sh` or another shell of the same language. */
async function collect(shell: string, root: string, environment?: Record<string, string>): Promise<string> {
  const [, ...args] = collectorCommand(root);
  const options = environment === undefined ? {} : { env: environment, extendEnv: false };
  const { stdout } = await execa(shell, args, { ...options, stripFinalNewline: false });
  return stdout;
}

function temporaryRoot(): string {
  const root = mkdtempSync(path.join(tmpdir(), 'landfall-root-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return root;
}

const SHELLS = ['/bin/sh', '/bin/dash', '/bin/bash'].filter(shell => existsSync(shell));

describe('the collector', () => {
  it.each(SHELLS)('reads this very machine with %s', async shell => {
    const sections = decodeSections(await collect(shell, '/'), 'here');
    expect(sections.get('kernel')?.rc).toBe(0);
    expect(sections.get('os-release')?.text).toContain('ID=');
    expect(sections.get('rsync')?.text).toContain('protocol version');
    const reading = readGuest(sections, 'here');
    expect(reading.facts.fileSystems.some(fs => fs.mountpoint === '/' && fs.used > 0)).toBe(true);
    expect(reading.rsync?.protocol).toBeGreaterThanOrEqual(31);
  });

  it('survives a system without any of its tools, and writes nothing', async () => {
    const root = temporaryRoot();
    const bin = path.join(root, 'bin');
    mkdirSync(bin);
    for (const tool of ['sh', 'head', 'base64', 'tr', 'sed', 'awk', 'cat']) {
      const { stdout } = await execa('which', [tool]);
      symlinkSync(stdout, path.join(bin, tool));
    }
    const before = readdirSync(root, { recursive: true }).toSorted();
    const output = await collect('/bin/sh', root, { PATH: bin });
    const sections = decodeSections(output, 'bare');
    for (const name of ['findmnt', 'lsblk', 'ip', 'ss', 'services', 'rsync', 'kernel']) {
      expect(sections.get(name)?.rc, name).toBe(127);
    }
    expect(sections.get('machine-id')?.rc).toBe(1);
    expect(readdirSync(root, { recursive: true }).toSorted()).toEqual(before);
    expect(() => readGuest(sections, 'bare')).toThrow(
      expect.objectContaining({ code: 'remote.answer-unreadable' }),
    );
  });

  it('says so where nothing can be encoded', async () => {
    const output = await collect('/bin/sh', '/', { PATH: '/nonexistent' });
    expect(() => decodeSections(output, 'bare')).toThrow(
      expect.objectContaining({ code: 'remote.command-missing' }),
    );
  });

  it('bounds an endless answer and goes on, and takes bytes that are no text', async () => {
    const root = temporaryRoot();
    const bin = path.join(root, 'bin');
    mkdirSync(bin);
    mkdirSync(path.join(root, 'etc'));
    writeFileSync(path.join(root, 'etc/machine-id'), Buffer.from([0xff, 0xfe, 0x0a, 0x22, 0x5c]));
    writeFileSync(path.join(bin, 'ss'), '#!/bin/sh\nexec cat /dev/zero\n', { mode: 0o755 });
    const output = await collect('/bin/sh', root, { PATH: `${bin}:/usr/bin:/bin` });
    const sections = decodeSections(output, 'wild');
    expect(sections.get('group:sockets')?.text.length).toBe(1024 ** 2);
    expect(sections.get('group:sockets')?.rc).not.toBe(0);
    expect(sections.has('ss')).toBe(false);
    // What was asked behind it in the same round is asked again.
    expect(sections.has('hot-files')).toBe(true);
    expect(sections.get('cron')?.rc).toBe(0);
    expect(sections.get('machine-id')?.rc).toBe(0);
    expect(sections.has('end')).toBe(true);
  });
});

describe('decodeSections', () => {
  it('refuses an output that was cut off', async () => {
    const output = await collect('/bin/sh', '/');
    expect(() => decodeSections(output.slice(0, output.length - 40), 'here')).toThrow(
      expect.objectContaining({ code: 'remote.answer-unreadable' }),
    );
  });

  it('skips what a talkative login printed around it', () => {
    const sections = decodeSections(
      'Welcome!\n{"not":"ours"}\n{"section":"end","data":"","rc":0}\nbye\n',
      'here',
    );
    expect([...sections.keys()]).toEqual(['end']);
  });
});
