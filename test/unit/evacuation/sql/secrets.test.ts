import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { namedSecrets, resolveSecrets } from '../../../../src/evacuation/sql/secrets.ts';
import { createRedactor } from '../../../../src/foundation/redact.ts';
import { ORDERS } from '../../../support/databases.ts';
import { planOf } from '../../../support/state.ts';

const folder = mkdtempSync(join(tmpdir(), 'landfall-secrets-'));
const file = join(folder, 'plan.yaml');

const kept = (name: string, content: string, mode = 0o600): string => {
  writeFileSync(join(folder, name), content);
  chmodSync(join(folder, name), mode);
  return `file:${name}`;
};

const planWith = (publisher: string, subscriber: string) =>
  planOf({
    databases: {
      Orders: {
        ...ORDERS,
        publisher: { ...ORDERS.publisher, password: publisher },
        subscriber: { ...ORDERS.subscriber, password: subscriber },
      },
    },
  });

const resolved = (publisher: string, subscriber: string, env: Record<string, string> = {}) => {
  const redactor = createRedactor();
  return resolveSecrets({ plan: planWith(publisher, subscriber), file }, { env, redactor }).then(secrets => ({
    secrets,
    redactor,
  }));
};

describe('secrets', () => {
  it('come from the environment and from files beside the plan, and are known to the redactor', async () => {
    const { secrets, redactor } = await resolved('env:SQL_MIAMI', kept('dallas', 'from a file\n'), {
      SQL_MIAMI: 'from the environment',
    });
    expect(secrets('env:SQL_MIAMI')).toBe('from the environment');
    expect(secrets('file:dallas')).toBe('from a file');
    expect(redactor.text('it was from a file, or from the environment')).toBe(
      'it was [redacted], or [redacted]',
    );
  });

  it('all that are missing are told at once, by their place in the plan', async () => {
    const error = await resolved('env:NOT_SET', 'file:nowhere').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'secret.absent',
      facts: {
        evidence: [
          'databases.Orders.publisher.password (env:NOT_SET): the environment has no NOT_SET',
          `databases.Orders.subscriber.password (file:nowhere): there is no ${folder}/nowhere`,
        ],
      },
    });
  });

  it('a file that others can read holds no secret', async () => {
    await expect(resolved('env:A', kept('open', 'x-secret', 0o644), { A: 'aaaa' })).rejects.toMatchObject({
      facts: { evidence: [expect.stringContaining('mode 0644')] },
    });
  });

  it('an empty variable and an empty file are none', async () => {
    await expect(resolved('env:A', kept('empty', '\n'), { A: '' })).rejects.toMatchObject({
      facts: { evidence: [expect.stringContaining('no A'), expect.stringContaining('is empty')] },
    });
  });

  it('what the plan does not name is not handed out', async () => {
    const { secrets } = await resolved('env:A', 'env:A', { A: 'aaaa' });
    expect(() => secrets('env:HOME')).toThrow(/does not name/);
  });

  it('every account of a database is among them', () => {
    const plan = planOf({
      databases: {
        Orders: {
          ...ORDERS,
          distributor: { address: 'd', user: 'u', password: 'env:D' },
          agents: { user: 'a', password: 'env:AGENT' },
        },
      },
    });
    expect(namedSecrets(plan).map(({ reference }) => reference)).toEqual([
      'env:SOURCE',
      'env:TARGET',
      'env:D',
      'env:AGENT',
    ]);
  });
});
