import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The user that no real libvirt has to do with; a session of libvirt is not for root. */
const NOBODY = 65_534;
const PROGRAMS = ['/usr/sbin/libvirtd', '/usr/bin/virsh', '/usr/bin/qemu-img', '/usr/bin/qemu-system-x86_64'];

/** Why tests with a libvirt of their own cannot run here; undefined where they can. */
export function noLibvirtBecause(): string | undefined {
  const missing = PROGRAMS.filter(program => !existsSync(program));
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  if (process.getuid?.() === 0 && !existsSync('/usr/bin/setpriv')) return 'not installed: setpriv';
  return undefined;
}

/**
 * A libvirt of its own with a guest that never boots: its disks are real, what it writes is written by the monitor. All
 * of it lies in one directory and ends with `dispose`.
 */
export class OwnLibvirt {
  readonly root = mkdtempSync(path.join(tmpdir(), 'landfall-virt-'));
  readonly env: NodeJS.ProcessEnv;
  private daemon: ReturnType<typeof spawn> | undefined;

  constructor() {
    for (const name of ['run', 'conf', 'cache', 'home', 'bin']) {
      mkdirSync(this.path(name), { mode: 0o700 });
      this.own(this.path(name));
    }
    this.own(this.root);
    this.env = {
      PATH: `${this.path('bin')}:/usr/sbin:/usr/bin:/sbin:/bin`,
      XDG_RUNTIME_DIR: this.path('run'),
      XDG_CONFIG_HOME: this.path('conf'),
      XDG_CACHE_HOME: this.path('cache'),
      HOME: this.path('home'),
      LC_ALL: 'C',
    };
    // Every shell of the hosts is the shell of that user.
    const become = 'exec setpriv --reuid=65534 --regid=65534 --clear-groups';
    writeFileSync(
      this.path('bin/sh'),
      `#!/bin/sh\n[ "$(id -u)" = 0 ] || exec /bin/sh "$@"\n${become} /bin/sh "$@"\n`,
    );
    chmodSync(this.path('bin/sh'), 0o755);
    chmodSync(this.path('bin'), 0o755);
  }

  path(...parts: string[]): string {
    return path.join(this.root, ...parts);
  }

  /** As that user; standard output. */
  run(...argv: string[]): string {
    const [program = '', ...args] = [...(process.getuid?.() === 0 ? BECOME : []), ...argv];
    return execFileSync(program, args, {
      env: this.env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  virsh(...verb: string[]): string {
    return this.run('virsh', '-c', 'qemu:///session', ...verb);
  }

  /** Starts libvirt, and a guest with these disks in MiB: vda, vdb … */
  async start(domain: string, ...sizes: number[]): Promise<void> {
    const [program = '', ...args] = [...(process.getuid?.() === 0 ? BECOME : []), 'libvirtd'];
    this.daemon = spawn(program, args, { env: this.env, stdio: ['ignore', 'ignore', 'pipe'] });
    this.daemon.stderr?.resume();
    for (const [index, size] of sizes.entries())
      this.run('qemu-img', 'create', '-q', '-f', 'qcow2', '-o', 'compat=1.1', this.disk(index), `${size}M`);
    const disks = sizes.map(
      (_, index) =>
        `<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${this.disk(index)}'/><target dev='vd${'abc'[index]}' bus='virtio'/></disk>`,
    );
    writeFileSync(
      this.path('domain.xml'),
      `<domain type='qemu'><name>${domain}</name><uuid>4c4c4544-0000-1000-8000-000000000001</uuid><memory unit='MiB'>32</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type></os>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>${disks.join('')}</devices></domain>`,
    );
    while (!existsSync(this.path('run/libvirt/libvirt-sock')))
      await new Promise(resolve => setImmediate(resolve));
    this.virsh('define', this.path('domain.xml'));
    // Paused from its first instruction on: an idle BIOS would take a processor for itself.
    this.virsh('start', domain, '--paused');
  }

  disk = (index: number): string => this.path(`disk${index}.qcow2`);

  /** What the guest would write: `write -P 0x33 10M 128k`. */
  write(domain: string, index: number, command: string): void {
    const device = `/machine/peripheral/virtio-disk${index}/virtio-backend`;
    this.virsh('qemu-monitor-command', domain, '--hmp', `qemu-io -d ${device} "${command}"`);
  }

  async dispose(): Promise<void> {
    try {
      for (const name of this.virsh('list', '--name').split('\n').filter(Boolean))
        this.virsh('destroy', name);
    } finally {
      const { daemon } = this;
      if (daemon !== undefined && daemon.exitCode === null) {
        daemon.kill('SIGTERM');
        await once(daemon, 'exit');
      }
      rmSync(this.root, { recursive: true, force: true });
    }
  }

  private own(place: string): void {
    if (process.getuid?.() === 0) chownSync(place, NOBODY, NOBODY);
  }
}

const BECOME = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
