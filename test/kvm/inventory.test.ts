import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { surveyByInput } from '../../src/inventory/collector/collector.ts';
import { formatArgv } from '../../src/remote/quote.ts';
import { KvmLab, type SourceGuest } from '../support/kvm-lab.ts';

const MACHINES = ['db1', 'files1', 'web1'];
/**
 * How long a guest may be looked at, in starts of a program on the same guest at the same time: what a look costs is
 * starting programs, and how long one takes is a matter of the machine that emulates and of what else runs on it. Looks
 * were measured at 330 to 410; the goal of 10 s is met where a start takes 24 ms or less.
 */
const AT_MOST = 480;

/** What nobody wrote down, on real guests: `scripts/kvm-lab fault plant-inventory` plants it. */
describe('what documentation knows nothing of', () => {
  let lab: KvmLab;
  let before: Readonly<Record<string, SourceGuest>>;
  let told: string;

  beforeAll(async () => {
    lab = await KvmLab.up();
    await lab.script('fault', 'plant-inventory');
    before = await lab.sources();
    const { code, out, err } = await lab.landfall('inventory', lab.plan, '--json');
    expect({ code, err: code === 0 ? '' : out + err }).toEqual({ code: 0, err: '' });
    told = out;
  });
  afterAll(async () => {
    await lab.script('fault', 'clear');
    await lab[Symbol.asyncDispose]();
  });

  const surveyOf = async (name: string) => {
    const survey = (await lab.state()).machines[name]?.surveyed;
    if (survey === undefined) throw new Error(`${name} was not surveyed`);
    return survey;
  };

  test('a share that fstab does not know', async () => {
    const { shares } = await surveyOf('web1');
    expect(shares).toContainEqual(
      expect.objectContaining({
        ...{ mountpoint: '/srv/www/theme', type: 'nfs4', server: '10.77.1.1', path: '/export/theme' },
        ...{ state: 'mounted', undocumented: true },
      }),
    );
    expect(told).toContain('/srv/www/theme');
  });

  test('a domain that no plan names', async () => {
    const { surveys } = await lab.state();
    const domains = surveys?.['miami-kvm']?.domains ?? [];
    expect(domains).toContainEqual(expect.objectContaining({ name: 'forgotten1', state: 'running' }));
    expect(told).toContain('forgotten1');
  });

  test('an address of the source site in a file', async () => {
    const { hardAddresses } = await surveyOf('web1');
    expect(hardAddresses).toContainEqual({
      ...{ file: '/etc/shop/shop.conf', line: 5, address: '10.77.1.77', setting: 'archive_server' },
    });
    expect(told).toContain('10.77.1.77');
  });

  test('a certificate that has expired', async () => {
    const { certificates } = await surveyOf('web1');
    const found = certificates?.find(({ path }) => path === '/etc/shop/tls/shop.pem');
    expect(found).toMatchObject({ subject: expect.stringContaining('shop.example') });
    expect(found?.notAfter).toBe(Date.UTC(2021, 0, 1));
    expect(told).toContain('/etc/shop/tls/shop.pem');
  });

  test('a cron job that mails', async () => {
    const { schedules } = await surveyOf('web1');
    expect(schedules).toContainEqual(
      expect.objectContaining({
        ...{ kind: 'cron', where: '/etc/cron.d/daily-figures', when: '20 6 * * *', mails: true },
        what: expect.stringContaining('/usr/local/bin/daily-figures'),
      }),
    );
    expect(told).toContain('daily-figures');
  });

  test('whom the web server is connected to', async () => {
    const { machines } = await lab.state();
    expect(Object.keys(machines['web1']?.peers ?? {})).toContain('out tcp 10.77.1.1:2049');
  });

  test.each(MACHINES)('%s is looked at quickly, and no trace of it stays', async name => {
    const seen = looked.parse(JSON.parse(await inGuest(lab, name, WATCHED)));
    process.stdout.write(
      `${name}: looked at in ${seen.seconds} s where a program starts in ${seen.start} s, ${seen.read} of ${seen.files} files read\n`,
    );
    expect(seen.written).toEqual([]);
    expect(seen.left).toEqual([]);
    // Reading a file is told in its atime once a day; a walk that opened everything would show here.
    expect(seen.read * 10).toBeLessThan(seen.files);
    expect(seen.seconds / seen.start).toBeLessThan(AT_MOST);
  });

  test('the source guests are as they were', async () => {
    const after = await lab.sources();
    for (const name of MACHINES) {
      const [was, is] = [before[name], after[name]];
      expect({ name, ...is, uptimeSeconds: 0 }).toEqual({ name, ...was, uptimeSeconds: 0 });
    }
  });
});

const looked = z.object({
  seconds: z.number(),
  /** What starting one program took (seconds): before and after the look. */
  start: z.number(),
  written: z.array(z.string()),
  left: z.array(z.string()),
  read: z.number(),
  files: z.number(),
});

/**
 * Runs the collector, and says what it took and left. What guests write by themselves is left out: journals, the marks
 * of a login, the databases' own files and what the guests' timers write.
 */
const WATCHED = `
all() { find / -xdev -type f ! -path '/proc/*' ! -path '/sys/*' "$@" 2>/dev/null; }
list() { while IFS= read -r line; do printf '%s"%s"' "$comma" "$line"; comma=,; done; }
now() { cut -d ' ' -f 1 /proc/uptime; }
starts() { count=0; while [ "$count" -lt 40 ]; do sh -c :; count=$((count + 1)); done; }
running() { ps -eo pid=,args= | grep -v -e '\\[' -e 'ps -eo' -e sshd -e ' sh -c' -e 'grep -v' -e 'sed ' | sed 's/^ *[0-9]* //' | sort -u; }
running >/dev/shm/landfall-before
since=$(date +%s)
sleep 1
before=$(now)
starts
began=$(now)
"$@" >/dev/null
ended=$(now)
starts
after=$(now)
running >/dev/shm/landfall-after
printf '{"seconds":%s,"start":%s,"written":[' \\
  "$(awk "BEGIN { print $ended - $began }")" "$(awk "BEGIN { print ($began - $before + $after - $ended) / 80 }")"
comma=
all -newermt "@$since" ! -path '/var/log/*' ! -path '/var/lib/mysql/*' ! -path '/var/lib/systemd/*' \\
  ! -path /var/lib/shop-index ! -path /var/lib/drawings-count ! -path '/var/lib/docker/*' | list
printf '],"left":['
comma=
comm -13 /dev/shm/landfall-before /dev/shm/landfall-after | tr -d '"\\\\' | list
rm -f /dev/shm/landfall-before /dev/shm/landfall-after
printf '],"read":%s,"files":%s}' "$(all -newerat "@$since" | wc -l)" "$(all | wc -l)"
`;

async function inGuest(lab: KvmLab, name: string, script: string): Promise<string> {
  const { argv, stdin } = surveyByInput();
  return lab.fed(stdin, 'ssh', name, formatArgv(['sh', '-c', script, 'sh', ...argv]));
}
