import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/foundation/redact.ts';

describe('createRedactor', () => {
  it('replaces what it learned, wherever it stands', () => {
    const redactor = createRedactor();
    redactor.learn('s3cr3t-value');
    expect(redactor.text('a s3cr3t-value, s3cr3t-value')).toBe('a [redacted], [redacted]');
  });

  it('takes a secret literally', () => {
    const redactor = createRedactor();
    redactor.learn('$&.*(');
    expect(redactor.text('x$&.*(y')).toBe('x[redacted]y');
  });

  it('does not learn what is too short to be one', () => {
    const redactor = createRedactor();
    redactor.learn('abc');
    expect(redactor.text('abc')).toBe('abc');
  });

  it.each([
    ['password=hunter2', 'password=[redacted]'],
    ['Password: hunter2, next', 'Password: [redacted], next'],
    ["pwd='two words' user=x", 'pwd=[redacted] user=x'],
    ['{"token":"abc.def"}', '{"token":[redacted]}'],
    ['api_key = k1; server=x', 'api_key = [redacted]; server=x'],
    ['PGPASSWORD=hunter2 psql', 'PGPASSWORD=[redacted] psql'],
    ['MYSQL_PWD=hunter2 mysql', 'MYSQL_PWD=[redacted] mysql'],
    ['curl https://dana:hunter2@example.com/x', 'curl https://dana:[redacted]@example.com/x'],
    ['ssh://dana@example.com:22/', 'ssh://dana@example.com:22/'],
    ['Server=db;Pwd=hunter2;Encrypt=true', 'Server=db;Pwd=[redacted];Encrypt=true'],
  ])('%j', (text, shown) => {
    expect(createRedactor().text(text)).toBe(shown);
  });

  it('replaces a private key, complete or cut off', () => {
    const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----';
    expect(createRedactor().text(`before\n${key}\nafter`)).toBe('before\n[redacted]\nafter');
    expect(createRedactor().text(key.slice(0, 45))).toBe('[redacted]');
  });

  it('leaves public keys and ordinary text alone', () => {
    const text = 'ssh-ed25519 AAAAC3Nza comment; passwordless login; 3 passes';
    expect(createRedactor().text(text)).toBe(text);
  });

  it('walks values and keeps their shape', () => {
    const redactor = createRedactor();
    redactor.learn('hunter2');
    const value = { a: ['x hunter2', 1, null, true], b: { c: 'hunter2' }, d: undefined };
    expect(redactor.value(value)).toEqual({
      a: ['x [redacted]', 1, null, true],
      b: { c: '[redacted]' },
      d: undefined,
    });
  });

  it('lets no learned secret through, in any surrounding', () => {
    const word = fc.string({ minLength: 4, maxLength: 20 });
    fc.assert(
      fc.property(word, fc.string(), fc.string(), (secret, before, after) => {
        fc.pre(!'[redacted]'.includes(secret));
        const redactor = createRedactor();
        redactor.learn(secret);
        const shown = redactor.value({ at: [`${before}${secret}${after}`] }).at[0] ?? '';
        expect(shown.replaceAll('[redacted]', '\0')).not.toContain(secret);
      }),
    );
  });

  it('never throws on any JSON', () => {
    const redactor = createRedactor();
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(JSON.stringify(redactor.value(value))).toBeDefined();
      }),
    );
  });
});
