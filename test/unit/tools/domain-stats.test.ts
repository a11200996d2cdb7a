import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockJobOf, parseDomainStats } from '../../../src/tools/domain-stats.ts';

/** Shortened answer of libvirt 9.0: `virsh domstats --raw --state --block`. */
const ANSWER = `Domain: 'web1'
  state.state=1
  state.reason=1
  block.count=2
  block.0.name=vda
  block.0.path=/var/lib/libvirt/images/web1=a.qcow2
  block.0.rd.bytes=1024
  block.0.wr.bytes=2048
  block.0.allocation=4096
  block.0.capacity=21474836480
  block.1.name=sda
  block.1.rd.bytes=huge

Domain: 'it's off'
  state.state=5
  block.count=1
  block.0.capacity=10
`;

describe('virsh domstats', () => {
  it('is read by the name of the domain', () => {
    const found = parseDomainStats(ANSWER);
    expect(found.get('web1')).toEqual({
      state: 'running',
      disks: [
        { target: 'vda', capacity: 21_474_836_480, allocation: 4096, read: 1024, written: 2048 },
        { target: 'sda', capacity: undefined, allocation: undefined, read: undefined, written: undefined },
      ],
    });
    expect(found.get("it's off")).toEqual({ state: 'shut off', disks: [] });
  });

  it('a state that is newer than this version is none, and a number makes no endless list', () => {
    const text = "Domain: 'x'\n  state.state=99\n  block.count=9007199254740991\n  block.0.name=vda\n";
    expect(parseDomainStats(text).get('x')).toMatchObject({ state: undefined, disks: [{ target: 'vda' }] });
  });

  it('whatever comes, it is read to its end, and numbers are numbers', () => {
    const line = fc.oneof(
      fc.string(),
      fc.string().map(name => `Domain: '${name}'`),
      fc
        .tuple(fc.constantFrom('state.state', 'block.count', 'block.0.name', 'block.0.rd.bytes'), fc.string())
        .map(([key, value]) => `  ${key}=${value}`),
    );
    fc.assert(
      fc.property(fc.array(line), lines => {
        for (const { disks } of parseDomainStats(lines.join('\n')).values())
          for (const { read } of disks) expect(read === undefined || Number.isSafeInteger(read)).toBe(true);
      }),
    );
  });
});

describe('virsh blockjob --info', () => {
  it('tells of a job in its own words', () => {
    expect(blockJobOf('Block Copy: [ 42 %]    Bandwidth limit: 0 bytes/s\n')).toMatch(/^Block Copy/);
    expect(blockJobOf('No current block job for vda\n')).toBeUndefined();
    expect(blockJobOf('\n')).toBeUndefined();
  });
});
