import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../../src/foundation/exit-codes.ts';
import { removeTreeSync } from '../../../src/foundation/remove-tree.ts';
import { landfall } from '../../support/cli.ts';

/** What `doctor --link` says before it touches anything. The measurement itself is tried on the pocket lab. */

const PLAN = `version: 1
name: e
deadline: { earliest: in 4d, expected: in 5d, reason: hurricane }
contacts: [{ name: Dana, role: lead, phone: "+1 305 555 0100" }]
sites: { miami: { role: source, location: Miami }, dallas: { role: target, location: Dallas } }
link: { limit: 80 Mbit/s }
hypervisors:
  mia-kvm1: { site: miami, address: 192.0.2.1, user: root }
  dal-kvm1: { site: dallas, address: 198.51.100.1, user: root }
networks:
  mia: { site: miami, libvirt: default, cidr: 10.20.0.0/24 }
  dal: { site: dallas, libvirt: default, cidr: 10.30.0.0/24, replaces: mia }
images: { golden: { hypervisor: dal-kvm1, volume: golden.qcow2 } }
tiers: { critical: { priority: 1, rpo: 15m, rto: 1h } }
machines:
  web1:
    tier: critical
    source: { hypervisor: mia-kvm1, address: 10.20.0.11, user: root }
    target: { hypervisor: dal-kvm1, image: golden, network: dal, address: 10.30.0.11 }
cutover: { decides: Dana }
`;

describe('doctor --link', () => {
  let directory = '';
  let plan = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'landfall-link-'));
    plan = join(directory, 'plan.yaml');
    writeFileSync(plan, PLAN);
  });
  afterEach(() => removeTreeSync(directory, tmpdir()));

  const run = (...words: string[]) =>
    landfall(['doctor', ...words], { env: { LANDFALL_STATE: join(directory, 'evacuations') } });

  it('uses the production line only where somebody said so', async () => {
    const { code, out, err } = await run(plan, '--link');
    expect(code).toBe(EXIT.usage);
    expect(out).toBe('');
    expect(err).toMatch(/uses the production line: .* never above the limit of 10.0 MB\/s/);
    expect(err).toMatch(/--link --yes/);
  });

  it('prints all that it would do, held to the limit, and takes it away at the end', async () => {
    const { code, out } = await run(plan, '--link', '--dry-run', '--json');
    expect(code).toBe(EXIT.ok);
    const { steps } = JSON.parse(out);
    expect(steps).toHaveLength(1);
    const lines: string[] = steps[0].actions.map((each: unknown) => JSON.stringify(each));
    // A tenth of a second of 10 MB/s: of one stream, and of each of four.
    expect(lines.filter(line => line.includes('1000000'))).toHaveLength(2);
    expect(lines.filter(line => line.includes('250000'))).toHaveLength(2);
    expect(lines.filter(line => line.includes('expiry of the key'))).toHaveLength(1);
    expect(lines.at(-1)).toContain('/run/landfall/e/link-to-dal-kvm1');
    expect(lines.at(-1)).toContain('rm -rf');
  });

  it('knows which of its options belong to it', async () => {
    const { code, err } = await run('--yes');
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('--yes belongs to --link');
  });
});
