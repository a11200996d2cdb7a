import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execa } from 'execa';
import type { Plan } from '../../src/plan/schema.ts';
import { BlocksWorld } from '../../test/support/blocks-world.ts';
import { type Line, openLine } from './blocks-line.ts';

/** What a pass brought, and how long it took from the moment in which it may start until it is judged. */
export interface Pass {
  readonly ms: number;
  readonly newBytes: number;
  /** On the line, towards the far side, with all that SSH adds. */
  readonly lineBytes: number;
}

/** As the libvirt of this world: who copies reads its disks. */
const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] as const;
const MIB = 1024 ** 2;
const TARGET = 'dal-kvm1';

/** Two hypervisors that are one real libvirt with a guest that stands still, a real sshd and a line between them. */
export class BlocksSite extends BlocksWorld {
  // Asked for by the constructor of the base, when nothing of this class is there yet.
  declare private line: Line | undefined;

  override plan(machine: Parameters<BlocksWorld['plan']>[0]): Plan {
    const plan = super.plan(machine);
    const target = plan.hypervisors[TARGET];
    if (this.line === undefined || target === undefined) return plan;
    const { address, port } = this.line;
    return { ...plan, hypervisors: { ...plan.hypervisors, [TARGET]: { ...target, address, port } } };
  }

  async start(disk: number, bytesPerSecond: number, roundTripMs: number): Promise<Line> {
    const { virt } = this;
    const directory = virt.path('line');
    mkdirSync(directory);
    // The first host of the world takes its key; sshd shows the same one, which is what landfall pins.
    virt.run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', virt.path('home/by-hand'));
    const byHand = `${directory}/by-hand.pub`;
    writeFileSync(byHand, readFileSync(virt.path('home/by-hand.pub')));
    const line = await openLine({
      ...{ directory, bytesPerSecond, roundTripMs },
      hostKey: this.ssh.hostKey.path,
      authorizedKeys: [virt.path('home/.ssh/authorized_keys'), byHand],
      env: { PATH: virt.env['PATH'] ?? '', HOME: virt.path('home'), LC_ALL: 'C' },
    });
    this.line = line;
    await this.open(disk / MIB);
    // Between these two it is the real one.
    rmSync(virt.path('bin/ssh'));
    return line;
  }

  /** Random bytes, as the guest would write them. */
  fill(at: number, bytes: number): void {
    const source = this.virt.path('home/random');
    const piece = 8 * MIB;
    for (let done = 0; done < bytes; done += piece) {
      const length = Math.min(piece, bytes - done);
      writeFileSync(source, randomBytes(length));
      chmodSync(source, 0o644);
      this.virt.write('web1', 0, `write -s ${source} ${at + done} ${length}`);
    }
    this.virt.write('web1', 0, 'flush');
  }

  /** Opens what the next pass needs, and makes it. */
  async timed(): Promise<Pass> {
    const number = this.next();
    for (const name of ['blocks-key', 'blocks-path']) await this.run(this.step(name));
    const step = this.step(`pass-${number}`);
    const before = this.line?.bytes() ?? 0;
    const began = performance.now();
    await this.run(step);
    const ms = performance.now() - began;
    const runs = this.machine?.passes.at(-1)?.ended?.runs ?? [];
    const newBytes = runs.reduce((sum, { literalBytes }) => sum + literalBytes, 0);
    return { ms, newBytes, lineBytes: (this.line?.bytes() ?? 0) - before };
  }

  /** The same image by hand: rsync of the file, its own way of sending only what changed. */
  async byHand(): Promise<Pass> {
    const { virt, line } = this;
    if (line === undefined) throw new Error('the line is not open');
    const ssh = [
      ...['ssh', '-F', 'none', '-i', virt.path('home/by-hand'), '-p', String(line.port), '-l', 'root'],
      ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'],
    ];
    const before = line.bytes();
    const began = performance.now();
    const copy = `${line.address}:${virt.path('line')}/by-hand.qcow2`;
    const rsync = ['rsync', '-a', '--inplace', '--no-W', '--stats', '--no-h', '-e', ssh.join(' ')];
    const [program, ...words] = [...AS_NOBODY, ...rsync, virt.disk(0), copy];
    // Not the world's own way to run things: that would hold up the line, which is in this process.
    const { stdout: stats } = await execa(program, words, { env: virt.env, extendEnv: false });
    const ms = performance.now() - began;
    const newBytes = Number(/^Literal data: (\d+) bytes$/m.exec(stats)?.[1] ?? Number.NaN);
    return { ms, newBytes, lineBytes: line.bytes() - before };
  }
}
