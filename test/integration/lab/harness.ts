import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { removeTreeSync } from '../../../src/foundation/remove-tree.ts';
import { createLab, type Lab, type LabOptions } from '../../../src/lab/lab.ts';
import { MACHINE_NAMES } from '../../../src/lab/machine-names.ts';

export interface Outcome {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export async function run(
  file: string,
  args: readonly string[],
  stdin: string | Buffer = '',
): Promise<Outcome> {
  const child = spawn(file, [...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const output = Promise.all([buffer(child.stdout), buffer(child.stderr), once(child, 'close')]);
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  const [stdout, stderr, [code, signal]] = await output;
  return { code, signal, stdout: stdout.toString(), stderr: stderr.toString() };
}

/** A lab that can be reached, in this process or in another. */
export interface Site {
  readonly lab: Pick<Lab, 'directory' | 'paths' | 'port'>;
  /** Runs a command line on a host with the real OpenSSH client and the lab's configuration. */
  ssh(host: string, command: string, stdin?: string | Buffer): Promise<Outcome>;
  /** Waits until a question has the wanted answer; the lab is real, so nobody calls back. */
  until(what: string, question: () => boolean | Promise<boolean>): Promise<void>;
}

export interface TestLab extends Site, AsyncDisposable {
  readonly lab: Lab;
  /** As `ssh`, with options before the host. */
  sshWith(options: readonly string[], host: string, command: string): Promise<Outcome>;
}

export const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
export const words = (...argv: string[]): string => argv.map(quote).join(' ');

export function temporaryDirectory(): string {
  return mkdtempSync(path.join(tmpdir(), 'landfall-lab-'));
}

export function siteOf<L extends Site['lab']>(lab: L): Site & { readonly lab: L } {
  return {
    lab,
    ssh: (host, command, stdin) => run('ssh', ['-F', lab.paths.sshConfig, host, command], stdin),
    async until(what, question) {
      const deadline = Date.now() + 10_000;
      while (!(await question())) {
        if (Date.now() > deadline) throw new Error(`did not come: ${what}`);
        await new Promise(resolve => setTimeout(resolve, 10));
      }
    },
  };
}

export async function openTestLab(options: Partial<LabOptions> = {}): Promise<TestLab> {
  const directory = options.directory ?? temporaryDirectory();
  const lab = await createLab({ scale: 0.02, seed: 7, bootMs: 20, ...options, directory });
  return {
    ...siteOf(lab),
    sshWith: (extra, host, command) => run('ssh', ['-F', lab.paths.sshConfig, ...extra, host, command]),
    async [Symbol.asyncDispose]() {
      await lab.close();
      if (options.directory === undefined) removeTreeSync(directory, tmpdir());
    },
  };
}

export const virsh = (test: Site, host: string, ...args: string[]): Promise<Outcome> =>
  test.ssh(host, words('virsh', '-c', 'qemu:///system', ...args));

export const agent = async (test: Site, domain: string, command: object): Promise<unknown> => {
  const { stdout, stderr } = await virsh(
    test,
    'dal-kvm1',
    'qemu-agent-command',
    domain,
    JSON.stringify(command),
    '--timeout',
    '10',
  );
  if (stdout.trim() === '') throw new Error(stderr);
  return JSON.parse(stdout).return;
};

export function receiverXml(machine: string, disks: readonly string[]): string {
  const replicas = disks.map(
    (disk, at) => `<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
      <source file='/var/lib/libvirt/images/landfall-t-${machine}-${disk}.qcow2'/>
      <target dev='vd${String.fromCharCode(98 + at)}' bus='virtio'/><serial>lf-${disk}</serial></disk>`,
  );
  return `<domain type='kvm'><name>landfall-t-${machine}-receiver</name>
  <metadata><landfall:receiver xmlns:landfall="urn:landfall:1" evacuation="t" machine="${machine}"/></metadata>
  <devices>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
      <source file='/var/lib/libvirt/images/landfall-t-${machine}-receiver.qcow2'/><target dev='vda' bus='virtio'/></disk>
    ${replicas.join('\n')}
    <controller type='scsi' index='0' model='virtio-scsi'/>
    <interface type='network'><source network='dal-servers'/><model type='virtio'/></interface>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
  </devices></domain>`;
}

/** The lab gives addresses by the order of its machines. */
const NAMES: readonly string[] = MACHINE_NAMES;
const numberOf = (machine: string): number => 11 + NAMES.indexOf(machine);
const machineAddress = (machine: string): string => `127.77.1.${numberOf(machine)}`;
const receiverAddress = (machine: string): string => `127.77.2.${numberOf(machine)}`;

export interface Receiver {
  readonly domain: string;
  readonly address: string;
  /** Runs a command line on the receiver, as the control machine. */
  ssh(command: string, stdin?: string): Promise<Outcome>;
}

export const isAwake = (test: Site, domain: string): Promise<boolean> =>
  agent(test, domain, { execute: 'guest-ping' }).then(
    () => true,
    () => false,
  );

/** Volumes and domain of a receiver; answers the name of the domain. */
export async function defineReceiver(
  test: Site,
  machine: string,
  disks: readonly string[] = ['vda'],
): Promise<string> {
  const domain = `landfall-t-${machine}-receiver`;
  const create = (name: string, bytes: number, ...backing: string[]) =>
    virsh(test, 'dal-kvm1', 'vol-create-as', 'default', name, String(bytes), '--format', 'qcow2', ...backing);
  for (const disk of disks) await create(`landfall-t-${machine}-${disk}.qcow2`, 20 * 1024 ** 3);
  const golden = ['--backing-vol', 'golden-debian12.qcow2', '--backing-vol-format', 'qcow2'];
  await create(`${domain}.qcow2`, 4 * 1024 ** 3, ...golden);
  const file = `/run/landfall/t/${machine}.xml`;
  await test.ssh(
    'dal-kvm1',
    words('sh', '-c', 'mkdir -p "${1%/*}" && cat > "$1"', 'sh', file),
    receiverXml(machine, disks),
  );
  await virsh(test, 'dal-kvm1', 'define', file);
  return domain;
}

/** Volumes, domain, boot, login: what landfall does to get a receiver, in the fewest words. */
export async function startReceiver(
  test: Site,
  machine: string,
  disks: readonly string[] = ['vda'],
): Promise<Receiver> {
  const { lab } = test;
  const domain = await defineReceiver(test, machine, disks);
  await virsh(test, 'dal-kvm1', 'start', domain);
  await test.until('the agent', () => isAwake(test, domain));
  await agent(test, domain, {
    execute: 'guest-ssh-add-authorized-keys',
    arguments: { username: 'root', keys: [readFileSync(`${lab.paths.identity}.pub`, 'utf8').trim()] },
  });
  const address = receiverAddress(machine);
  const known = path.join(lab.directory, `known-${machine}`);
  writeFileSync(
    known,
    `[${address}]:${lab.port} ${await readFileOf(test, domain, '/etc/ssh/ssh_host_ed25519_key.pub')}`,
  );
  const options = ['-F', lab.paths.sshConfig, '-o', `UserKnownHostsFile=${known}`, address];
  return { domain, address, ssh: (command, stdin) => run('ssh', [...options, command], stdin) };
}

async function readFileOf(test: Site, domain: string, file: string): Promise<string> {
  const handle = await agent(test, domain, {
    execute: 'guest-file-open',
    arguments: { path: file, mode: 'r' },
  });
  const read = await agent(test, domain, { execute: 'guest-file-read', arguments: { handle, count: 4096 } });
  await agent(test, domain, { execute: 'guest-file-close', arguments: { handle } });
  return Buffer.from((read as { 'buf-b64': string })['buf-b64'], 'base64').toString();
}

const RSH = `exec ssh -F none -i "\${0%/*}/key" -o UserKnownHostsFile="\${0%/*}/known_hosts" -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes -o HostKeyAlias=standby -o HostName=ADDRESS -o Port=PORT -o User=root "$@"
`;
const RECV = `set -f
set -- $SSH_ORIGINAL_COMMAND
for last do :; done
[ "$1 $2" = 'rsync --server' ] || { echo refused >&2; exit 97; }
mountpoint -q "$last" || { echo not mounted >&2; exit 98; }
exec "$@"
`;

/** Partition-less replica at /mnt/t, and the way from the source to it: key, forced command, rsh script. */
export async function openDataPath(test: Site, machine: string, receiver: Receiver): Promise<void> {
  const put = (host: (command: string, stdin?: string) => Promise<Outcome>, file: string, content: string) =>
    host(words('sh', '-c', 'umask 077; mkdir -p "${1%/*}" && cat > "$1"', 'sh', file), content);
  const source = (command: string, stdin?: string) => test.ssh(machine, command, stdin ?? '');
  const directory = `/run/landfall/t/path-${machine}`;
  await source(words('mkdir', '-p', directory));
  await source(
    words('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'landfall:t', '-f', `${directory}/key`),
  );
  const key = (await source(words('cat', `${directory}/key.pub`))).stdout;
  const hostKey = (await receiver.ssh('cat /etc/ssh/ssh_host_ed25519_key.pub')).stdout;
  await put(source, `${directory}/known_hosts`, `standby ${hostKey}`);
  await put(
    source,
    `${directory}/rsh`,
    RSH.replace('ADDRESS', receiver.address).replace('PORT', String(test.lab.port)),
  );
  await put(receiver.ssh, '/run/landfall/t/recv', RECV);
  const from = machineAddress(machine);
  const line = `restrict,from="${from}",expiry-time="20991231Z",command="sh /run/landfall/t/recv" ${key}`;
  await receiver.ssh(words('sh', '-c', 'cat >> "$HOME/.ssh/authorized_keys"'), line);
  await receiver.ssh(words('mkfs.ext4', '-q', '-F', '/dev/vdb'));
  await receiver.ssh(words('mkdir', '-p', '/mnt/t'));
  await receiver.ssh(words('mount', '/dev/vdb', '/mnt/t'));
}

export const rsyncPush = (machine: string, from: string, to: string, ...extra: string[]): string =>
  words(
    ...['rsync', '-aHAXx', '--numeric-ids', '-S', '--modify-window=-1', '--timeout=60', ...extra],
    ...['-e', `sh /run/landfall/t/path-${machine}/rsh`, from, `standby:${to}`],
  );
