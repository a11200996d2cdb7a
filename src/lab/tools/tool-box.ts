import type { Readable } from 'node:stream';
import { unmapPath } from '../hosts/mounts.ts';
import { type Answer, refusal, type SimHost, type ToolCall } from '../world/world.ts';
import { bootTools } from './boot-tools.ts';
import { blockTools } from './disk-tools.ts';
import { lvmTools } from './lvm-tools.ts';
import { mountTools } from './mount-tools.ts';
import type { PoolParts } from './qemu-img/commit.ts';
import { qemuImg } from './qemu-img/qemu-img.ts';
import { serviceTools } from './service-tools.ts';
import { storageTools } from './storage-tools.ts';
import { systemTools } from './system-tools.ts';

/** The simulated tools of all hosts behind one door. */

export type Tool = (call: ToolCall) => Answer | Promise<Answer>;

export interface ToolBox {
  run(call: ToolCall): Promise<Answer>;
  /** What a command writes on its standard error, as the client gets it. */
  complaints(host: SimHost, stderr: Readable): Readable;
}

export function createToolBox(parts: PoolParts, virsh: Tool, complaints: ToolBox['complaints']): ToolBox {
  const { world } = parts;
  const tools: Readonly<Record<string, Tool>> = {
    ...systemTools,
    ...storageTools(world),
    ...blockTools(world),
    ...mountTools(world),
    ...lvmTools(world),
    ...bootTools(world),
    ...serviceTools(world),
    'qemu-img': qemuImg(parts),
    virsh,
  };
  return {
    complaints,
    async run(call) {
      const tool = tools[call.tool];
      if (tool === undefined) return refusal(`sh: 1: ${call.tool}: not found\n`, 127);
      // Words that went through a script were mapped on their way; tools speak of the host's own paths.
      const args = call.args.map(arg => unmapPath(call.host.mounts, arg));
      const cwd = call.cwd === undefined ? undefined : unmapPath(call.host.mounts, call.cwd);
      return tool({ ...call, args, ...(cwd === undefined ? {} : { cwd }) });
    },
  };
}
