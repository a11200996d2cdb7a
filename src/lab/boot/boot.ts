import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { kernelMounts, writeBaseFiles } from '../hosts/base-files.ts';
import { listening, wantedUnits } from '../hosts/units.ts';
import type { ParsedDomain } from '../hypervisor/domain-xml.ts';
import { volumeDisks } from '../hypervisor/domains.ts';
import { fileSystemsOn } from '../world/block-devices.ts';
import { KERNEL, type MachineFacts, TARGET_PREFIX } from '../world/layout.ts';
import type { Domain, Mount, Nic, RunningSystem, SimHost, World } from '../world/world.ts';
import { type Console, openConsole } from './console.ts';
import {
  type BusDisk,
  type FoundFileSystem,
  findSpec,
  initramfsModules,
  panic,
  rootMissing,
  visibleFileSystems,
} from './early.ts';
import { firmware } from './firmware.ts';
import { type Lines, runUnit } from './instruments.ts';
import {
  configuredNics,
  EMERGENCY,
  missingLines,
  networkService,
  readFstab,
  startServices,
} from './userspace.ts';

/** One boot of a copied disk, step by step as the real one, with what a real one prints. */

export interface Boot {
  readonly world: World;
  readonly domain: Domain;
  readonly parsed: ParsedDomain;
  /** Files behind the serial ports. */
  readonly serials: ReadonlyMap<number, string>;
  /** What stands on the VGA screen; lines are added. */
  readonly screen: string[];
  readonly directory: string;
  readonly bootMs: number;
  readonly signal: AbortSignal;
  /** What it boots as: a copy for a proof, or the machine itself at the other site. */
  readonly role: 'copy' | 'standby';
  /** Its root is mounted: it has tools from here on. */
  up(host: SimHost): Promise<void>;
  /** Its services run: whoever may reach it can from here on. */
  reached(host: SimHost): Promise<void>;
  agentConnected(host: SimHost): void;
}

export async function bootCopy(boot: Boot): Promise<void> {
  const { world, domain, screen, signal } = boot;
  await world.clock.sleep(boot.bootMs, signal);
  const volumes = volumeDisks(world, domain);
  if (typeof volumes === 'string') throw new Error(volumes);
  const disks = volumes.map(
    ({ target, serial, bus, volume }): BusDisk => ({ target, serial, bus, disk: volume.disk }),
  );
  const found = firmware(disks);
  if (found.kind === 'screen') {
    screen.push(...found.lines);
    return;
  }
  const { cmdline, initramfs } = found;
  const isHeard = /\bconsole=ttyS0\b/.test(cmdline);
  const console = openConsole(boot.serials.get(0), isHeard);
  console.kernel(
    `Linux version ${KERNEL} (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40) #1 SMP PREEMPT_DYNAMIC Debian 6.1.129-1 (2025-03-06)`,
    `Command line: ${cmdline}`,
    'SMBIOS 3.0.0 present.',
    'DMI: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.2-debian-1.16.2-1 04/01/2014',
    `Kernel command line: ${cmdline}`,
    'Run /init as init process',
  );
  const spec = /(?:^|\s)root=(\S+)/.exec(cmdline)?.[1] ?? '';
  const modules = initramfsModules(initramfs);
  const visible = visibleFileSystems(disks, modules);
  const root = findSpec(spec, visible);
  const directory = root?.fs.directory;
  if (root === undefined || directory === null || directory === undefined) {
    const lines = initramfs === null ? panic(spec) : rootMissing(spec);
    if (initramfs === null) console.kernel(...lines);
    else console.plain(...lines);
    screen.push(...lines);
    return;
  }
  await userspace(boot, console, { root, directory, cmdline, visible, disks });
}

interface Rooted {
  readonly root: FoundFileSystem;
  readonly directory: string;
  readonly cmdline: string;
  readonly visible: readonly FoundFileSystem[];
  readonly disks: readonly BusDisk[];
}

async function userspace(boot: Boot, console: Console, rooted: Rooted): Promise<void> {
  const { world, signal } = boot;
  const { directory } = rooted;
  const machine = machineIn(world, directory);
  const fstab = readFstab(directory, rooted.visible);
  const nics = nicsOf(boot, directory);
  const started = startServices(directory, machine);
  const badNic = configuredNics(directory).find(({ name }) => !nics.some(nic => nic.name === name));
  const network = networkService(directory);
  const failed = [...started.failed, ...(badNic === undefined ? [] : [network])].sort();
  const host = hostOf(boot, rooted, machine, fstab.mounts, {
    ...{ bootId: randomUUID(), cmdline: rooted.cmdline, nics, failed },
    services: started.running.filter(name => name !== 'qemu-guest-agent' || boot.parsed.agent),
    sockets: listening(machine, started.running),
  });
  await boot.up(host);
  signal.throwIfAborted();
  const lines = serialLines(boot);
  console.kernel(
    'systemd[1]: systemd 252.36-1~deb12u1 running in system mode (+PAM +AUDIT +SELINUX +APPARMOR)',
    'systemd[1]: Detected virtualization kvm.',
    'systemd[1]: Detected architecture x86-64.',
  );
  console.plain('', 'Welcome to Debian GNU/Linux 12 (bookworm)!', '');
  await runWanted(boot, host, 'sysinit.target', lines);
  for (const entry of fstab.missing) console.plain(...missingLines(entry));
  if (fstab.missing.some(({ isSwap }) => !isSwap)) {
    console.plain(...EMERGENCY);
    boot.screen.push(...EMERGENCY);
    return;
  }
  console.plain(
    '[  OK  ] Reached target local-fs.target - Local File Systems.',
    '[  OK  ] Reached target sysinit.target - System Initialization.',
  );
  if (badNic !== undefined) {
    console.plain(
      `[FAILED] Failed to start ${network}.service - Raise network interfaces.`,
      `See 'systemctl status ${network}.service' for details.`,
    );
  }
  for (const name of host.system.services) console.plain(`[  OK  ] Started ${name}.service - ${name}.`);
  for (const name of started.failed) {
    console.plain(
      `[FAILED] Failed to start ${name}.service - ${name}.`,
      `See 'systemctl status ${name}.service' for details.`,
    );
  }
  if (host.system.services.includes('qemu-guest-agent')) boot.agentConnected(host);
  await boot.reached(host);
  console.plain(
    '[  OK  ] Reached target multi-user.target - Multi-User System.',
    '',
    `Debian GNU/Linux 12 ${host.hostname} ttyS0`,
    '',
    `${host.hostname} login: `,
  );
  boot.screen.push(`Debian GNU/Linux 12 ${host.hostname} tty1`, '', `${host.hostname} login: `);
  await runWanted(boot, host, 'multi-user.target', lines);
}

/** Units that a proof put into the copy; what the machine itself has is not programs but words. */
async function runWanted(boot: Boot, host: SimHost, target: string, lines: Lines): Promise<void> {
  const units = path.join(rootOf(host), 'etc/systemd/system');
  for (const { unit, by } of wantedUnits(units)) {
    const file = path.join(units, unit);
    if (by !== target || !unit.startsWith('landfall-') || !existsSync(file)) continue;
    await runUnit(boot.world, host, readFileSync(file, 'utf8'), lines, boot.signal);
  }
}

const rootOf = (host: SimHost): string => host.mounts.find(({ path: at }) => at === '/')?.directory ?? '';

/** Which machine of the lab this is a copy of: the one whose name it bears. */
function machineIn(world: World, root: string): MachineFacts {
  const file = path.join(root, 'etc/hostname');
  const name = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  const machine = world.machines.find(found => found.name === name);
  if (machine === undefined) throw new Error(`the copy is called "${name}", and the lab has no such machine`);
  return machine;
}

function nicsOf({ parsed, domain }: Boot, root: string): Nic[] {
  const configured = configuredNics(root);
  return parsed.interfaces.map(({ name, mac, up }) => {
    const own = configured.find(found => found.name === name);
    return { name, mac, addresses: own === undefined ? [] : [own.address], up: domain.links?.[mac] ?? up };
  });
}

/** Where its cable leads to a network that has this address. */
const addressOf = ({ nics }: RunningSystem): string => {
  const all = nics.flatMap(({ up, addresses }) => (up ? addresses : []));
  return (
    all.map(address => address.replace(/\/.*$/, '')).find(address => address.startsWith(TARGET_PREFIX)) ?? ''
  );
};

function hostKeyIn(root: string): string {
  const file = path.join(root, 'etc', 'ssh', 'ssh_host_ed25519_key');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function serialLines({ serials }: Boot): Lines {
  const console = serials.get(0);
  const evidence = serials.get(1);
  return new Map([
    ...(console === undefined
      ? []
      : ['/dev/ttyS0', '/dev/kmsg', '/dev/console'].map((name): [string, string] => [name, console])),
    ...(evidence === undefined ? [] : [['/dev/ttyS1', evidence] as [string, string]]),
  ]);
}

function hostOf(
  boot: Boot,
  { root, directory, disks }: Rooted,
  machine: MachineFacts,
  mounted: readonly { readonly path: string; readonly device: FoundFileSystem }[],
  system: RunningSystem,
): SimHost {
  const others = mounted.flatMap(({ path: at, device }): Mount[] =>
    at === '/' || device.fs.directory === null
      ? []
      : [{ path: at, source: device.device, type: device.fs.type, directory: device.fs.directory }],
  );
  const name = path.join(directory, 'etc/hostname');
  const host: SimHost = {
    id: path.basename(boot.directory),
    role: boot.role,
    site: 'target',
    address: boot.role === 'standby' ? addressOf(system) : '',
    hostname: existsSync(name) ? readFileSync(name, 'utf8').trim() : 'localhost',
    directory: boot.directory,
    machine,
    hypervisor: null,
    disks: disks.map(({ target, serial, disk }) => ({ target, serial, disk })),
    mounts: [
      { path: '/', source: root.device, type: root.fs.type, directory },
      ...others,
      ...kernelMounts(boot.directory),
    ],
    groups: disks.flatMap(({ disk }) => fileSystemsOn(disk).flatMap(({ fs }) => fs.group?.name ?? [])),
    system,
    hostKey: boot.role === 'standby' ? hostKeyIn(directory) : '',
  };
  mkdirSync(path.join(boot.directory, 'fs', 'root', 'root'), { recursive: true });
  writeBaseFiles(host, { uuid: boot.domain.uuid, swaps: machine.swaps });
  return host;
}
