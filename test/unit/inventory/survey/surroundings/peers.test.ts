import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLook, sampleOf } from '../../../../../src/inventory/survey/surroundings/peers.ts';
import { readPeers } from '../../../../../src/inventory/survey/surroundings.ts';
import { answersOf, wildSections } from '../answers.ts';

const first = [
  '@ 100.50',
  'out\ttcp\t10.1.0.9\t5432\t\tmy app',
  'in\ttcp\t::ffff:10.5.0.7\t80\t\tnginx',
  'out\ttcp\t10.1.0.40\t2049\twaiting\t',
  'out\tudp\tfd00:0000:0000:0000:0000:0000:0000:0053\t53\t\t',
  '',
].join('\n');
const second =
  '@ 101.52\nout\ttcp\t10.1.0.9\t5432\twaiting\t\nout\ttcp\t10.1.0.40\t2049\twaiting\t\nout\tudp\t10.1.0.1\t67\t\t\n';

describe('who is at the other end', () => {
  it('puts the looks together, and says who never answered', () => {
    expect(sampleOf(answersOf({ 'peers:1': first, 'peers:2': second, 'peers:3': 124 }))).toEqual({
      samples: 2,
      seconds: 1,
      peers: [
        { direction: 'out', protocol: 'tcp', address: '10.1.0.9', port: 5432, process: 'my app', seen: 2 },
        { direction: 'out', protocol: 'tcp', address: '10.1.0.40', port: 2049, seen: 2, unanswered: true },
        { direction: 'in', protocol: 'tcp', address: '10.5.0.7', port: 80, process: 'nginx', seen: 1 },
        { direction: 'out', protocol: 'udp', address: 'fd00::53', port: 53, seen: 1 },
      ],
    });
  });

  it('tells apart a machine without connections and one that nobody could ask', () => {
    const quiet = answersOf({ 'peers:1': '@ 3.20\n' });
    expect(readPeers(quiet)).toEqual({ samples: 1, seconds: 0, peers: [] });
    expect(quiet.gaps).toEqual([]);
    const mute = answersOf({ 'peers:1': 127 });
    expect(readPeers(mute)).toBeUndefined();
    expect(mute.gaps).toMatchObject([{ why: 'no-tool' }]);
  });

  it('leaves out what leads to nobody else', () => {
    const lines = ['127.0.0.1', '::1', '224.0.0.251', '255.255.255.255', 'fe80::1', '169.254.1.1', 'ff02::1'];
    const text = lines.map(address => `out\tudp\t${address}\t5353\t\t`).join('\n');
    expect(parseLook(text)).toEqual({ peers: [] });
  });

  it('keeps what came before a line that was cut off, and takes no other table for its own', () => {
    expect(parseLook('out\ttcp\t10.1.0.9\t80\t\t\nin\ttc')?.peers).toHaveLength(1);
    expect(parseLook('Netid State Recv-Q\ntcp ESTAB 0 0')).toBeUndefined();
  });

  it('never throws, and what it reads is an address, a port and harmless text', () => {
    fc.assert(
      fc.property(wildSections({ 'peers:1': [first, second], 'peers:2': [second] }), sections => {
        const sample = readPeers(answersOf(sections));
        for (const { address, port, process = '' } of sample?.peers ?? []) {
          expect(address).toMatch(/^[0-9a-f.:]+$/);
          expect(port).toBeGreaterThan(0);
          expect(process).not.toMatch(/\p{Cc}/u);
        }
      }),
    );
  });
});
