import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { expect, it, onTestFinished } from 'vitest';
import { collectorCommand } from '../../../../../src/inventory/collector/collector.ts';
import { round } from '../../../../../src/inventory/collector/group.ts';
import { FIREWALL } from '../../../../../src/inventory/collector/survey/system/firewall.ts';
import { decodeSections } from '../../../../../src/inventory/guest/sections.ts';

/** The questions about packet filters where the kernel's list of modules is this file and there is no legacy tool. */
const among = (file: string): string =>
  round('system', [FIREWALL]).replaceAll('/proc/modules', file).replaceAll('-legacy-save', '-nowhere-save');

it.each([
  ['iptables-save v1.8.9 (nf_tables)', 'iptable_filter 1 0 - Live 0x0\n', false],
  ['iptables-save v1.8.9 (nf_tables)', 'iptable_filter 1 0 - Live 0x0\nnf_tables 1 0 - Live 0x0\n', true],
  ['iptables-save v1.8.9 (legacy)', 'iptable_filter 1 0 - Live 0x0\n', true],
])(
  'the newer iptables-save is not asked where it would load nf_tables: %s among %j',
  async (version, modules, asked) => {
    const root = mkdtempSync(path.join(tmpdir(), 'landfall-filter-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    mkdirSync(path.join(root, 'bin'));
    writeFileSync(path.join(root, 'modules'), modules);
    const tool = `#!/bin/sh\ncase $1 in -V) echo '${version}' ;; *) echo '*filter'; echo asked >'${root}/asked' ;; esac\n`;
    writeFileSync(path.join(root, 'bin/iptables-save'), tool, { mode: 0o755 });
    const [file = '', ...words] = collectorCommand('/', among(path.join(root, 'modules')));
    const { stdout } = await execa(file, words, {
      env: { PATH: `${root}/bin:/usr/bin:/bin` },
      extendEnv: false,
    });
    expect(existsSync(path.join(root, 'asked'))).toBe(asked);
    expect(decodeSections(stdout, 'here').get('iptables')?.rc).toBe(asked ? 0 : 127);
  },
);
