import { describe, expect, it } from 'vitest';
import { formatProblem, problemLine } from '../../../src/plan/format.ts';
import { changed, parse, problemsOf, SOUND } from './sound-plan.ts';

const SECRET = 'hunter2-Xq9';
const PEM = ['-----BEGIN RSA PRIVATE KEY-----', 'MIIEhunter2base64==', '-----END RSA PRIVATE KEY-----'];
const block = (indent: string): string => PEM.map(line => `${indent}${line}`).join('\n');

const database = (password: string): string => `${SOUND}databases:
  Orders:
    tier: normal
    publisher: { address: sql1, user: landfall, password: ${password} }
    subscriber: { address: sql2, user: landfall, password: env:B }
`;

/** Everything a person or a program could be shown about a text. */
function shown(text: string): string {
  const problems = problemsOf(text);
  return [
    JSON.stringify(problems),
    ...problems.map(p => formatProblem(p, text)),
    ...problems.map(problemLine),
  ].join('\n');
}

describe('a secret in clear is refused and not repeated', () => {
  const cases: [string, string][] = [
    ['as the password of a database', database(SECRET)],
    ['as a quoted password', database(`"${SECRET} with words"`)],
    ['as a password that is a number', database('7654321')],
    ['under an unknown key', changed(['    after: [db1]', `    ssh_password: ${SECRET}`])],
    ['under an unknown key of another case', changed(['    after: [db1]', `    apiKey: ${SECRET}`])],
    ['in an address', changed(['address: 10.10.4.51', `address: "root:${SECRET}@10.10.4.51"`])],
    [
      'in a URL of a description',
      changed(['    after:', `    description: "https://ops:${SECRET}@wiki.example.com/"\n    after:`]),
    ],
    [
      'as an assignment',
      changed(['    after:', `    description: "login with password=${SECRET} please"\n    after:`]),
    ],
    [
      'at the end of a description',
      changed(['    after:', `    description: "password: ${SECRET}"\n    after:`]),
    ],
    ['as a key', changed(['    after: [db1]', `    "root:${SECRET}@host": true`])],
    [
      'as the name of a machine with faults of its own',
      changed(['  web1:\n    tier: normal', `  "root:${SECRET}@web1":\n    tier: nirmal`]),
    ],
    [
      'as a private key under an unknown key',
      changed(['    after: [db1]', `    key: |\n${block('      ')}`]),
    ],
    [
      'as a private key in a place that the schema knows',
      changed(['    after: [db1]', `    owner: |\n${block('      ')}`]),
    ],
    ['as a private key in text that is no YAML', changed(['    after: [db1]', block('')])],
    ['as a private key in a comment', changed(['    after: [db1]', block('# ')])],
    ['as a token', changed(['    after:', '    description: glpat-hunter2hunter2hunter2\n    after:'])],
  ];
  it.each(cases)('%s', (_name, text) => {
    expect(parse(text).ok).toBe(false);
    expect(problemsOf(text).some(p => /in clear/.test(p.message) && p.severity === 'error')).toBe(true);
    expect(shown(text)).not.toMatch(/hunter2|7654321/);
  });

  it('once, and not again as a wrong value', () => {
    const problems = problemsOf(database(SECRET)).filter(p => p.severity === 'error');
    expect(problems).toMatchObject([
      { line: 39, column: 59, message: 'a secret is written in clear', sensitive: true },
    ]);
  });

  it('takes its whole line out of sight, whatever else is wrong there', () => {
    const text = changed(['    after: [db1]', `    after: [db9] # password: ${SECRET}`]);
    const problems = problemsOf(text);
    expect(problems.map(p => p.severity)).toEqual(['error', 'warning']);
    expect(problems.every(p => p.sensitive)).toBe(true);
    expect(shown(text)).not.toContain('hunter2');
  });
});

describe('no secret', () => {
  it.each(['env:SQL', 'file:/etc/landfall/sql'])('password: %s', named => {
    expect(parse(database(named)).ok).toBe(true);
  });

  it.each([
    '# password: env:SQL',
    '# password: ask Dana',
    '# tokens: none',
    '# see https://wiki.example.com/web1',
  ])('comment %s', comment => {
    expect(problemsOf(`${comment}\n${SOUND}`)).toEqual([]);
  });

  it('a machine may be called after what it does', () => {
    expect(problemsOf(changed(['  web1:', '  password-vault:']))).toEqual([]);
  });
});
