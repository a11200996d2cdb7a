import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPacketReader, HEADER, toPackets } from '../../../../../src/lab/sqlserver/wire/packets.ts';

/** A stream cut at these places. */
function cut(stream: Buffer, places: readonly number[]): Buffer[] {
  const edges = [...new Set(places.map(place => place % (stream.length + 1)))].sort((a, b) => a - b);
  return [0, ...edges].map((start, index) => stream.subarray(start, edges[index] ?? stream.length));
}

describe('packets', () => {
  it('are the same wherever the stream is cut, and carry the whole message', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 3000 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 12 }),
        fc.constantFrom(512, 4096, 32_767),
        (bodies, places, packetSize) => {
          const stream = Buffer.concat(
            bodies.map(body =>
              toPackets(Buffer.from(body), { type: 3, packetSize, spid: 7, last: true, first: 1 }),
            ),
          );
          const reader = createPacketReader();
          const packets = cut(stream, places).flatMap(chunk => [...reader.push(chunk)]);
          const messages: Buffer[] = [];
          let open: Buffer[] = [];
          for (const packet of packets) {
            expect(packet.type).toBe(3);
            expect(packet.payload.length).toBeLessThanOrEqual(packetSize - HEADER);
            open.push(packet.payload);
            if (packet.status === 1) {
              messages.push(Buffer.concat(open));
              open = [];
            }
          }
          expect(messages.map(body => body.toString('hex'))).toEqual(
            bodies.map(body => Buffer.from(body).toString('hex')),
          );
          expect(reader.rest()).toHaveLength(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are whole when every byte comes alone', () => {
    const stream = toPackets(Buffer.from('abcdefgh'.repeat(100)), {
      type: 1,
      packetSize: 512,
      spid: 0,
      last: true,
      first: 1,
    });
    const reader = createPacketReader();
    const packets = [...stream].flatMap(byte => [...reader.push(Buffer.from([byte]))]);
    expect(Buffer.concat(packets.map(packet => packet.payload)).toString()).toBe('abcdefgh'.repeat(100));
    expect(packets.map(packet => packet.status)).toEqual([0, 1]);
  });

  it.each([0, 7])('cannot be %s bytes long', length => {
    const header = Buffer.from([1, 1, 0, length, 0, 0, 1, 0]);
    expect(() => createPacketReader().push(header)).toThrow(
      expect.objectContaining({ number: 4014, severity: 20 }),
    );
  });

  it('cannot be longer than what was agreed', () => {
    const reader = createPacketReader(512);
    expect(() => reader.push(Buffer.from([1, 1, 2, 1, 0, 0, 1, 0]))).toThrow(
      expect.objectContaining({ number: 4014 }),
    );
  });
});
