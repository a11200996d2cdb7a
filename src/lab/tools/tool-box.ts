import type { Readable } from 'node:stream';
import { unmapPath } from '../hosts/mounts.ts';
import { type Answer, refusal, type SimHost, type ToolCall, type World } from '../world/world.ts';
import { bootTools } from './boot-tools.ts';
import { blockTools } from './disk-tools.ts';
import { lvmTools } from './lvm-tools.ts';
import { mountTools } from './mount-tools.ts';
import { qemuImg } from './qemu-img.ts';
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

export function createToolBox(world: World, virsh: Tool, complaints: ToolBox['complaints']): ToolBox {
  const tools: Readonly<Record<string, Tool>> = {
    ...systemTools,
    ...storageTools,
    ...blockTools(world),
    ...mountTools(world),
    ...lvmTools(world),
    ...bootTools(world),
    ...serviceTools(world),
    'qemu-img': qemuImg(world),
    virsh,
  };
  return {
    complaints,
    async run(call) {
      const tool = tools[call.tool];
      if (tool === undefined) return refusal(`sh: 1: ${call.tool}: not found\n`, 127);
      // Words that went through a script were mapped on their way; tools speak of the host's own paths.
      const args = call.args.map(arg => unmapPath(call.host.mounts, arg));
      return tool({ ...call, args });
    },
  };
}
