import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestLab, run, type TestLab, words } from './harness.ts';

let site: TestLab;
beforeAll(async () => {
  site = await openTestLab({ machines: ['web1', 'app2'] });
});
afterAll(() => site[Symbol.asyncDispose]());

const rootOf = (host: string): string =>
  site.lab.mountsOf(host).find(mount => mount.path === '/')?.directory ?? '';

test('the plain OpenSSH client logs in with the files of the lab', async () => {
  expect(await site.ssh('web1', 'cat /etc/hostname')).toMatchObject({
    code: 0,
    stdout: 'web1\n',
    stderr: '',
  });
  expect(await site.ssh('app2', 'hostname')).toMatchObject({ code: 0, stdout: 'app2\n' });
  expect(await site.ssh('mia-kvm1', 'cat /etc/machine-id')).toMatchObject({ code: 0 });
});

test('exit codes and signals come back', async () => {
  expect((await site.ssh('web1', 'exit 3')).code).toBe(3);
  expect((await site.ssh('web1', 'true')).code).toBe(0);
  expect((await site.sshWith(['-v'], 'web1', 'kill -TERM $$')).stderr).toContain('exit-signal');
});

test('a command that the host does not know fails with 127', async () => {
  for (const command of ['nosuch', 'nosuch | cat; exit 127', words('sh', '-c', 'perl -e 1'), 'virsh list']) {
    expect(await site.ssh('web1', command), command).toMatchObject({ code: 127 });
  }
  expect((await site.ssh('web1', 'nosuch')).stderr).toContain('nosuch: not found\n');
});

test('a simulated tool refuses options that it does not know', async () => {
  expect(await site.ssh('web1', 'lsblk --zoned')).toMatchObject({
    code: 1,
    stderr: "lsblk: unrecognized option '--zoned'\nTry 'lsblk --help' for more information.\n",
  });
  expect(await site.ssh('mia-kvm1', 'virsh -r -c qemu:///system frobnicate')).toMatchObject({ code: 1 });
});

test('standard input, large output and both streams come through whole', async () => {
  const bytes = Buffer.alloc(3_000_000, 'abcdefghij');
  const back = await site.ssh('web1', words('sh', '-c', 'cat; echo done >&2'), bytes);
  expect(back.stdout.length).toBe(bytes.length);
  expect(back.stderr).toBe('done\n');
  expect((await site.ssh('web1', words('wc', '-c'), bytes)).stdout.trim()).toBe('3000000');
  // Nobody reads this input: the command must end all the same.
  expect((await site.ssh('web1', 'true', bytes)).code).toBe(0);
});

test('paths go to the file system that the host has mounted there', async () => {
  await site.ssh(
    'app2',
    words('sh', '-c', 'mkdir -p "$1" && cat > "$1/file"', 'sh', '/run/landfall/x'),
    'content',
  );
  expect((await site.ssh('app2', words('cat', '/run/landfall/x/file'))).stdout).toBe('content');
  const run = site.lab.mountsOf('app2').find(mount => mount.path === '/run')?.directory ?? '';
  expect(readFileSync(path.join(run, 'landfall/x/file'), 'utf8')).toBe('content');
  expect(
    (await site.ssh('app2', words('sh', '-c', 'test -d "$1/archive" && mountpoint -q "$1"', 'sh', '/srv')))
      .code,
  ).toBe(0);
  expect(
    (await site.ssh('app2', words('find', '/boot/grub', '-name', '*.cfg', '-printf', '/%f\\n'))).stdout,
  ).toBe('/grub.cfg\n');
  expect((await site.ssh('app2', words('sed', '-n', '/^NAME/p', '/etc/os-release'))).stdout).toBe(
    'NAME="Debian GNU/Linux"\n',
  );
  expect((await site.ssh('app2', words('env', 'X=/etc/hostname', 'sh', '-c', 'cat "$X"'))).stdout).toBe(
    'app2\n',
  );
});

test('words are passed on byte for byte', async () => {
  const odd = ["it's", 'a\nb', '$(id)', '*', '-n', '', 'ü\u001b[2J', 'back\\slash', 'x=/y'.slice(0, 2)];
  const printed = await site.ssh('web1', words('sh', '-c', 'printf "%s|" "$@"', 'sh', ...odd));
  expect(printed.stdout).toBe(odd.map(word => `${word}|`).join(''));
  const bytes = Buffer.from([0x61, 0xff, 0x80, 0x81, 0x88, 0x0a, 0x62, 0x00]);
  const viaXargs = await run(
    'ssh',
    [
      '-F',
      site.lab.paths.sshConfig,
      'web1',
      words('sh', '-c', `xargs -0 sh -c 'printf %s "$1" | od -An -tx1' sh`),
    ],
    bytes,
  );
  expect(viaXargs.stdout.trim()).toBe('61 ff 80 81 88 0a 62');
});

test('a detached job outlives its connection, a plain command does not', async () => {
  const job =
    'setsid sh -c \'echo $$ > "$1/job.pid"; sleep 0.3; echo done > "$1/job.done"; sleep 60\' sh "$1" </dev/null >/dev/null 2>&1 &';
  const plain = 'echo $$ > "$1/plain.pid"; sleep 60';
  const directory = '/run/landfall/life';
  await site.ssh('web1', words('mkdir', '-p', directory));
  const cut = site.ssh('web1', words('sh', '-c', `${job} ${plain}`, 'sh', directory));
  const real = path.join(
    site.lab.mountsOf('web1').find(mount => mount.path === '/run')?.directory ?? '',
    'landfall/life',
  );
  const pid = (name: string): number | undefined => {
    try {
      return Number(readFileSync(path.join(real, name), 'utf8')) || undefined;
    } catch {
      return undefined;
    }
  };
  await site.until('both to run', () => pid('job.pid') !== undefined && pid('plain.pid') !== undefined);
  expect(site.lab.faults.controlDrop('web1')).toBe(1);
  expect((await cut).code).toBe(255);
  const alive = (name: string): boolean => {
    try {
      return process.kill(pid(name) ?? 0, 0);
    } catch {
      return false;
    }
  };
  await site.until('the plain command to end', () => !alive('plain.pid'));
  await site.until('the job to go on', () => existsSync(path.join(real, 'job.done')));
  expect(alive('job.pid')).toBe(true);
});

test('authorized_keys decides: from, expiry, forced command, unknown options', async () => {
  const key = path.join(site.lab.directory, 'second');
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const publicKey = readFileSync(`${key}.pub`, 'utf8');
  const file = path.join(rootOf('app2'), 'root/.ssh/authorized_keys');
  const before = readFileSync(file, 'utf8');
  const attempt = async (options: string): Promise<string> => {
    writeFileSync(file, before);
    appendFileSync(file, `${options}${publicKey}`);
    const { code, stdout, stderr } = await run('ssh', [
      '-F',
      'none',
      '-i',
      key,
      '-o',
      'IdentitiesOnly=yes',
      '-o',
      'BatchMode=yes',
      '-o',
      `UserKnownHostsFile=${site.lab.paths.knownHosts}`,
      '-p',
      String(site.lab.port),
      `root@${site.lab.addressOf('app2').address}`,
      'echo asked',
    ]);
    if (code === 0) return stdout.trim();
    return stderr.includes('Permission denied (publickey)') ? 'refused' : stderr;
  };
  expect(await attempt('')).toBe('asked');
  expect(await attempt('restrict ')).toBe('asked');
  expect(await attempt('from="127.0.0.1" ')).toBe('asked');
  expect(await attempt('from="127.0.0.0/8,!127.0.0.1" ')).toBe('refused');
  expect(await attempt('from="127.77.1.*" ')).toBe('refused');
  expect(await attempt('expiry-time="20990101Z" ')).toBe('asked');
  expect(await attempt('expiry-time="20200101" ')).toBe('refused');
  expect(await attempt('restrict,command="echo \\"forced, $SSH_ORIGINAL_COMMAND\\"" ')).toBe(
    'forced, echo asked',
  );
  expect(await attempt('tunnel="0" ')).toBe('refused');
  writeFileSync(file, before);
});

test('ProxyJump leads to another host, and a wrong user or password does not get in', async () => {
  const proxy = `ssh -F ${site.lab.paths.sshConfig} -W %h:%p mia-kvm1`;
  expect((await site.sshWith(['-o', `ProxyCommand=${proxy}`], 'web1', 'hostname')).stdout).toBe('web1\n');
  expect((await site.sshWith(['-o', 'ProxyJump=mia-kvm1'], 'web1', 'hostname')).stdout).toBe('web1\n');
  expect((await site.sshWith(['-l', 'nobody'], 'web1', 'true')).code).toBe(255);
});
