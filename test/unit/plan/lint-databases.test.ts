import { describe, expect, it } from 'vitest';
import { briefly, problemsOf, SOUND } from './sound-plan.ts';

/** What is wrong with the plan of a database before any server is asked. Lines are those of the file. */

const PUBLISHER = 'publisher: { address: sql1, user: landfall, password: env:A }';
const SUBSCRIBER = 'subscriber: { address: sql2, user: landfall, password: "file:/root/b" }';

const planWith = (...lines: readonly string[]): string =>
  `${SOUND}databases:\n  Orders:\n    tier: normal\n${lines.map(line => `    ${line}\n`).join('')}`;

const told = (...lines: readonly string[]): string[] => briefly(problemsOf(planWith(...lines)));

it('a database with two servers is sound', () => {
  expect(told(PUBLISHER, SUBSCRIBER, 'after: [web1]')).toEqual([]);
});

describe('lanes', () => {
  it.each(['clone', 'snapshot'])('%s begins with a clone', lane => {
    expect(told(PUBLISHER, SUBSCRIBER, `lane: ${lane}`)).toEqual([
      `41:11 error the lane ${lane} begins with a clone, and none is named`,
    ]);
  });

  it.each(['backup', 'log-shipping'])('%s begins with a backup', lane => {
    expect(told(PUBLISHER, SUBSCRIBER, `lane: ${lane}`)).toEqual([
      `41:11 error the lane ${lane} begins with a backup, and no folder for it is named`,
    ]);
  });

  it('a lane of another name is none', () => {
    expect(told(PUBLISHER, SUBSCRIBER, 'lane: mirroring')[0]).toMatch(/^41:11 error/);
  });
});

describe('places', () => {
  it('the copy is never production itself', () => {
    expect(told(PUBLISHER, SUBSCRIBER.replace('sql2', 'SQL1'))).toEqual([
      '40:28 error publisher and subscriber are one database on one server: the copy would be production itself',
    ]);
  });

  it('nor is the clone', () => {
    expect(told(PUBLISHER, SUBSCRIBER.replace('sql2', 'sql1'), 'clone: { database: orders }')).toEqual([
      '41:24 error publisher and subscriber are one database on one server: the copy would be production itself',
    ]);
  });

  it('another database of the same server is told', () => {
    expect(told(PUBLISHER, SUBSCRIBER.replace('sql2', 'sql1'), 'clone: { database: Orders_Dev }')).toEqual([
      '40:28 warning the copy is on the very server that is to be left',
    ]);
  });

  it('another port is another server', () => {
    expect(told(PUBLISHER, SUBSCRIBER.replace('sql2', 'sql1, port: 1434'))).toEqual([]);
  });

  it('a third distributor is neither of the two', () => {
    expect(
      told(PUBLISHER, SUBSCRIBER, 'distributor: { address: sql2, user: landfall, password: env:A }'),
    ).toEqual(['41:29 error this is the subscriber, and no third server']);
    expect(
      told(
        PUBLISHER,
        SUBSCRIBER,
        'distributor: { address: sql3, user: landfall, password: env:A }',
        'distributor_at: publisher',
      ),
    ).toEqual(['42:21 error a third server distributes, and distributor_at names another']);
  });

  it('two databases do not land in one', () => {
    const text = `${planWith(PUBLISHER, SUBSCRIBER)}  Stock:\n    tier: normal\n    ${PUBLISHER}\n    ${SUBSCRIBER.replace(' }', ', database: Orders }')}\n`;
    expect(briefly(problemsOf(text))).toEqual(['44:28 error "Orders" has this copy on this server already']);
  });
});

describe('accounts', () => {
  it('an SSH agent keeps no password of a SQL Server', () => {
    expect(told(PUBLISHER.replace('env:A', 'agent'), SUBSCRIBER)).toEqual([
      '39:59 error an SSH agent keeps no password of a SQL Server',
    ]);
  });

  it('a password in clear is refused and never shown', () => {
    const problems = problemsOf(planWith(PUBLISHER.replace('env:A', 'hunter2-prod'), SUBSCRIBER));
    expect(problems[0]?.severity).toBe('error');
    expect(JSON.stringify(problems)).not.toContain('hunter2-prod');
  });

  it('without encryption everybody reads along', () => {
    expect(told(PUBLISHER.replace(' }', ', encrypt: off }'), SUBSCRIBER)).toEqual([
      '39:75 warning passwords and rows would cross the network readable by anybody',
    ]);
  });

  it('strict encryption checks the certificate', () => {
    expect(told(PUBLISHER.replace(' }', ', encrypt: strict, trust_certificate: true }'), SUBSCRIBER)).toEqual(
      ['39:102 error strict encryption always checks the certificate'],
    );
  });
});

describe('backups', () => {
  it('a folder that only the publisher sees is told', () => {
    expect(told(PUBLISHER, SUBSCRIBER, "backup: { folder: 'D:\\backup' }")).toEqual([
      '41:13 warning the backup lies in a folder that only the publisher sees',
    ]);
    expect(told(PUBLISHER, SUBSCRIBER, "backup: { folder: '\\\\nas\\backup' }")).toEqual([]);
  });
});
