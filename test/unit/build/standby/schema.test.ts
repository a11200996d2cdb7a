import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { islandXml } from '../../../../src/build/standby/island.ts';
import { proofDomain } from '../../../../src/build/standby/proof-domain.ts';
import { retarget } from '../../../../src/build/standby/retarget.ts';
import { DEBIAN, DOMAINS, domainXml, place, wishFor } from './domains.ts';

/** libvirt's test driver validates definitions by libvirt's own schema, without a daemon and without root. */
const isThere = spawnSync('virsh', ['--version']).error === undefined;

describe.skipIf(!isThere)('by the schema of libvirt (skipped where virsh is not installed)', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'landfall-schema-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const accepted = (xml: string, verb: 'define' | 'create' | 'net-create'): string => {
    const file = join(folder, 'it.xml');
    writeFileSync(file, xml);
    const { stdout, stderr } = spawnSync('virsh', ['-c', 'test:///default', verb, '--validate', file], {
      encoding: 'utf8',
    });
    return stderr === '' ? stdout.trim() : stderr;
  };

  it.each(DOMAINS)('the standby and the proof of %s are domains', name => {
    for (const types of [['kvm', 'qemu'], ['qemu']]) {
      const wish = wishFor(name, { virtualization: { ...DEBIAN, types } });
      const { xml } = retarget(domainXml(name), wish);
      expect(accepted(xml, 'define')).toMatch(/^Domain '.*' defined/);
      const proof = proofDomain(xml, {
        ...wish,
        domain: `landfall-storm-${name}-proof`,
        disks: Object.fromEntries(Object.keys(wish.disks).map(disk => [disk, place(name, disk, '-proof')])),
        island: 'landfall-storm-island',
        console: '/run/landfall/storm/proof/console.log',
        evidence: '/run/landfall/storm/proof/evidence.log',
        nvram: '/run/landfall/storm/proof/VARS.fd',
        memory: 1024 ** 3,
      });
      expect(accepted(proof, 'create')).toMatch(/^Domain 'landfall-.*' created/);
    }
  });

  it('and a definition with an element that no schema has is not', () => {
    const { xml } = retarget(domainXml('i440fx'), wishFor('i440fx'));
    expect(accepted(xml.replace('<on_reboot>', '<surprise/><on_reboot>'), 'define')).toContain(
      'failed to validate',
    );
  });

  it('the island is a network', () => {
    expect(
      accepted(
        islandXml('landfall-storm-island', {
          evacuation: 'storm',
          begun: '2026-11-22T10:00:00.000Z',
          machine: 'web1',
        }),
        'net-create',
      ),
    ).toMatch(/^Network .* created/);
  });
});
