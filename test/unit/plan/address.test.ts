import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressFault } from '../../../src/plan/address.ts';
import { correction } from '../../../src/plan/corrections.ts';
import { schemaAt } from '../../../src/plan/json-schema.ts';
import { parsePlan } from '../../../src/plan/load.ts';
import { NOW, SOUND } from './sound-plan.ts';

const NODE = schemaAt(['hypervisors', 'a', 'address']);

describe('an address in a plan', () => {
  it.each([
    'web1',
    'web-1.example.com',
    'dal_kvm1',
    '3com.example',
    '10.20.0.51',
    'fd00::51',
    '::1',
    'fd00::',
  ])('is sound: %s', text => {
    expect(addressFault(text)).toBeUndefined();
    expect(
      parsePlan(Buffer.from(SOUND.replaceAll('10.10.4.51', `"${text}"`)), { file: 'p', now: NOW }).ok,
    ).toBe(true);
  });

  it.each([
    '10.20.0.999',
    '10.20.0',
    '010.20.0.1',
    '1234',
    'fd00:::1',
    'a..b',
    '-o',
    'web1-',
    'web 1',
    'fe80::1%eth0',
    '$(id)',
    '',
  ])('is not sound: %j', text => {
    expect(addressFault(text)).toBeDefined();
    expect(
      parsePlan(Buffer.from(SOUND.replaceAll('10.10.4.51', `"${text}"`)), { file: 'p', now: NOW }).ok,
    ).toBe(false);
  });

  it.each([
    ['10.20.0.51:2222', '10.20.0.51', '2222'],
    ['web1.example.com:22', 'web1.example.com', '22'],
    ['[fd00::51]:2222', 'fd00::51', '2222'],
    ['ssh://root@web1:2222/', 'web1', '2222'],
  ])('takes no port: %s', (text, host, port) => {
    expect(addressFault(text)).toBe('the port does not belong in the address');
    expect(correction(text, NODE)).toBe(`write address: ${host} and, as a key of its own, port: ${port}`);
  });

  it('is, where it looks like an IP address, one that Node knows', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ unit: fc.constantFrom(...'0129af:.') })),
        text => {
          if (addressFault(text) === undefined && !/[a-z]/.test(text)) expect(isIP(text)).not.toBe(0);
          if (isIP(text) !== 0) expect(addressFault(text)).toBeUndefined();
        },
      ),
    );
  });
});
