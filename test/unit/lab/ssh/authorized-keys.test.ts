import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findKey, parseAuthorizedKeys, parseExpiry } from '../../../../src/lab/ssh/authorized-keys.ts';

const BLOB = 'AAAAC3NzaC1lZDI1NTE5AAAAIHp1';
const key = { type: 'ssh-ed25519', blob: BLOB };
const line = (options: string): string => `${options}ssh-ed25519 ${BLOB} landfall:x:web1\n`;

test('comments, empty lines and damaged lines are no keys', () => {
  const text = `# comment\n\n  \nssh-ed25519\nssh-ed25519 not*base64\nnonsense\n${line('')}`;
  expect(parseAuthorizedKeys(text)).toEqual([
    {
      type: 'ssh-ed25519',
      blob: BLOB,
      comment: 'landfall:x:web1',
      from: undefined,
      expires: undefined,
      command: undefined,
      forwarding: true,
    },
  ]);
});

test('the line that landfall writes is understood in full', () => {
  const text = line(
    'restrict,from="127.77.1.16,10.0.0.1",expiry-time="20261201060000Z",command="sh /run/landfall/x/recv \\"a b\\"" ',
  );
  expect(parseAuthorizedKeys(text)).toEqual([
    {
      type: 'ssh-ed25519',
      blob: BLOB,
      comment: 'landfall:x:web1',
      from: ['127.77.1.16', '10.0.0.1'],
      expires: Date.UTC(2026, 11, 1, 6),
      command: 'sh /run/landfall/x/recv "a b"',
      forwarding: false,
    },
  ]);
  expect(findKey(text, key, '127.77.1.16', Date.UTC(2026, 11, 1, 5, 59))).toBeDefined();
  expect(findKey(text, key, '127.77.1.16', Date.UTC(2026, 11, 1, 6))).toBeUndefined();
  expect(findKey(text, key, '127.77.1.17', 0)).toBeUndefined();
  expect(findKey(text, { ...key, blob: 'AAAA' }, '127.77.1.16', 0)).toBeUndefined();
});

test.each([
  ['127.0.0.1', '127.0.0.1', true],
  ['127.0.0.*', '127.0.0.9', true],
  ['127.0.0.?', '127.0.0.10', false],
  ['127.77.0.0/16', '127.77.2.3', true],
  ['127.77.0.0/16,!127.77.2.3', '127.77.2.3', false],
  ['!127.0.0.1', '127.0.0.2', false],
])('from="%s" lets %s in: %s', (pattern, address, allowed) => {
  expect(findKey(line(`from="${pattern}" `), key, address, 0) !== undefined).toBe(allowed);
});

test('an option that is not understood, or malformed, takes the key out', () => {
  for (const options of [
    'permitopen="a:1" ',
    'cert-authority ',
    'expiry-time="soon" ',
    'restrict,frobnicate ',
    'command="unclosed ',
  ]) {
    expect(parseAuthorizedKeys(line(options)), options).toEqual([]);
  }
});

test('expiry times: with and without zone', () => {
  expect(parseExpiry('20261201Z')).toBe(Date.UTC(2026, 11, 1));
  expect(parseExpiry('202612010600')).toBe(new Date(2026, 11, 1, 6).getTime());
  expect(parseExpiry('2026')).toBeUndefined();
});

test('no text makes the parser fail', () => {
  fc.assert(fc.property(fc.string(), text => parseAuthorizedKeys(text).length >= 0));
});
