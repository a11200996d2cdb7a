import { existsSync } from 'node:fs';
import { execa } from 'execa';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WITHHOLD_AWK } from '../../../../../src/inventory/collector/withhold.ts';
import { withheld } from '../../../../../src/inventory/survey/withheld.ts';

const SECRET = 'Hunter2x';

/** Ways in which people write a secret into a command line. */
const WAYS: readonly string[] = [
  'mysqldump -uroot -pSECRET shop',
  'mysqldump -u root -p SECRET shop',
  "mysql -p'SECRET SECRET' shop",
  'mysqldump --password=SECRET shop',
  'mysqldump --password "SECRET SECRET" shop',
  'PGPASSWORD=SECRET pg_dump shop',
  'export RESTIC_PASSWORD="SECRET SECRET"; restic backup',
  'curl -u me:SECRET https://x.example',
  'curl --user "me:SECRET SECRET" https://x.example',
  'curl -H "Authorization: Bearer SECRET" https://x.example',
  "curl -H 'Authorization: ApiKey SECRET SECRET' https://x.example",
  'curl -H Authorization: Basic SECRET',
  'curl -H "X-Api-Key: SECRET" https://x.example',
  'curl https://me:SECRET@x.example/a',
  'curl "https://me:SECRET@x.example/a?b=c"',
  'curl "https://x.example/a?token=SECRET&b=c"',
  'wget https://x.example/ping?SECRET',
  `curl -d '{"password": "SECRET"}' https://x.example`,
  'curl -d "user=me&password=SECRET SECRET" https://x.example',
  'rsync me:SECRET@host::module /srv',
  'sshpass -p SECRET ssh host',
  'sshpass -pSECRET ssh host',
  'echo SECRET | sudo -S reboot',
  'printf "%s" "SECRET SECRET" | passwd --stdin me',
  'openssl enc -aes256 -pass pass:SECRET -in a',
  'openssl pkcs12 -passin pass:SECRET -in a',
  'redis-cli -h db1 -a SECRET save',
  'ldapsearch -x -D cn=me -w SECRET -b dc=x',
  'smbclient //h/s -U me%SECRET -c ls',
  'mount -t cifs //h/s /m -o user=me,password=SECRET',
  'sqlcmd -S db1 -U sa -P SECRET -Q "select 1"',
  'sqlplus scott/SECRET@db1 @report',
  'snmpget -v2c -c SECRET host oid',
  'htpasswd -b /etc/x me SECRET',
  `mysql -e "ALTER USER x IDENTIFIED BY 'SECRET'"`,
  `sh -c 'mysql -p'\\''SECRET SECRET'\\'' shop'`,
  'bash -c "mysqldump -p\\"SECRET SECRET\\" shop"',
  'cryptsetup open /dev/x y <<< SECRET',
  'lftp -u me,SECRET host',
  'AWS_SESSION_TOKEN=SECRET aws s3 sync',
  'docker login --token SECRET host',
  'xfreerdp /u:me /p:SECRET /v:host',
];

const AWKS = [['/usr/bin/mawk'], ['/usr/bin/gawk'], ['/usr/bin/busybox', 'awk']].filter(([path = '']) =>
  existsSync(path),
);

async function onHost(awk: readonly string[], lines: readonly string[]): Promise<string[]> {
  const [program = '', ...words] = awk;
  const { stdout } = await execa(program, [...words, `${WITHHOLD_AWK}{ print withheld($0) }`], {
    input: `${lines.join('\n')}\n`,
    env: { LC_ALL: 'C' },
    stripFinalNewline: false,
  });
  return stdout.split('\n').slice(0, -1);
}

/** Command lines of pieces that mean something here, in any order. */
const pieces = fc.constantFrom(
  ...[
    ' ',
    ' ',
    '-p',
    '-u',
    'me:',
    '"',
    "'",
    '\\',
    '=',
    '--password',
    'token',
    ':',
    '://',
    '@',
    '?',
    '%',
    '|',
    ';',
    '<<<',
  ],
  ...[
    'echo',
    'Authorization',
    'Bearer',
    'mkdir',
    'find',
    'rint0',
    '/srv/a',
    SECRET,
    'a1b2c3d4e5f6a7b8c9d0e1f2',
    ',',
    '/',
  ],
);
const commands = fc.array(pieces, { maxLength: 14 }).map(words => words.join(''));

describe('a secret in a command line', () => {
  it.each(WAYS)('is withheld: %s', way => {
    expect(withheld(way.replaceAll('SECRET', SECRET))).not.toContain(SECRET);
  });

  it('is withheld wherever the command stands', () => {
    const places = fc.constantFrom('', '/usr/bin/nice ', 'cd /srv && ', 'sh -c "true"; ', '[ -x /a ] && ');
    const after = fc.constantFrom('', ' | mail -s report ops@x.example', ' >/dev/null 2>&1', ' && echo done');
    fc.assert(
      fc.property(places, fc.constantFrom(...WAYS), after, (before, way, rest) => {
        expect(withheld(before + way.replaceAll('SECRET', SECRET) + rest)).not.toContain(SECRET);
      }),
    );
  });

  it.each([
    'mkdir -p /srv/x && find /srv -type f -print0 | xargs -0 rm',
    'rsync -a /srv host:/x && ssh -p 22 h ls',
    '/usr/local/bin/report.sh | mail -s report ops@example.org',
    'run-parts --report /etc/cron.daily',
    '/usr/bin/certbot -q renew',
  ])('and what is none stays: %s', line => {
    expect(withheld(line)).toBe(line);
  });

  it('is withheld on the host by every awk just as here, and a second time changes nothing', async () => {
    expect(AWKS).not.toEqual([]);
    const lines = [
      ...WAYS.map(way => way.replaceAll('SECRET', SECRET)),
      ...fc.sample(commands, { numRuns: 2000, seed: 9 }),
    ];
    const here = lines.map(withheld);
    for (const awk of AWKS) expect(await onHost(awk, lines), awk.join(' ')).toEqual(here);
    expect(here.map(withheld)).toEqual(here);
  });
});

it('a table of thousands of lines made for it does not hold landfall for minutes', () => {
  const lines = ['pass', '-token-', 'session.', '--pw', 'key-', ' -p', '://', 'a:'].map(word =>
    word.repeat(1000).slice(0, 1000),
  );
  for (const line of lines)
    for (let at = 0; at < 20; at++) expect(withheld(line).length).toBeLessThanOrEqual(8 * line.length);
});
