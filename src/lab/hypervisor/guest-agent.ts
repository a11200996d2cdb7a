import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { runInside } from '../hosts/inside.ts';
import { mapPath } from '../hosts/mounts.ts';
import { type Answer, answer, refusal, type SimHost, type World } from '../world/world.ts';
import { virshError } from './virsh-verbs.ts';

/** The QEMU guest agent of a receiver or a copy, as `virsh qemu-agent-command` shows it. */

const commandSchema = z.discriminatedUnion('execute', [
  z.object({ execute: z.literal('guest-ping') }),
  z.object({ execute: z.literal('guest-network-get-interfaces') }),
  z.object({
    execute: z.literal('guest-file-open'),
    arguments: z.object({ path: z.string(), mode: z.literal('r').default('r') }),
  }),
  z.object({
    execute: z.literal('guest-file-read'),
    arguments: z.object({
      handle: z.int(),
      count: z
        .int()
        .min(1)
        .max(48 * 1024 * 1024)
        .default(4096),
    }),
  }),
  z.object({
    execute: z.literal('guest-exec'),
    arguments: z.object({
      path: z.string(),
      arg: z.array(z.string()).default([]),
      'capture-output': z.boolean().default(false),
    }),
  }),
  z.object({ execute: z.literal('guest-exec-status'), arguments: z.object({ pid: z.int() }) }),
  z.object({ execute: z.literal('guest-file-close'), arguments: z.object({ handle: z.int() }) }),
  z.object({
    execute: z.literal('guest-ssh-add-authorized-keys'),
    arguments: z.object({
      username: z.literal('root'),
      keys: z.array(z.string()),
      reset: z.boolean().default(false),
    }),
  }),
]);

/** The processes that the agent has started, with their ends. */
export type Commands = Map<number, Answer | undefined>;

/** A guest whose agent is connected. */
export interface AgentGuest {
  readonly host: SimHost;
  readonly files: Map<number, OpenFile>;
  readonly commands: Commands;
}

export interface OpenFile {
  readonly content: Buffer;
  at: number;
}

const returns = (value: unknown): Answer => answer(`${JSON.stringify({ return: value })}\n`);
const agentError = (what: string): Answer =>
  virshError(`internal error: unable to execute QEMU agent command: ${what}`);
const SILENT = 'Guest agent is not responding: QEMU guest agent is not connected';

export function agentCommand(
  world: World,
  guest: AgentGuest | undefined,
  domain: { readonly running: boolean },
  json: string,
): Answer {
  if (!domain.running) return virshError('Requested operation is not valid: domain is not running');
  if (guest === undefined) return virshError(SILENT);
  let request: unknown;
  try {
    request = JSON.parse(json);
  } catch {
    return agentError('Invalid JSON syntax');
  }
  const parsed = commandSchema.safeParse(request);
  if (!parsed.success) return agentError('The command has not been found, or its arguments are wrong');
  return execute(world, guest, parsed.data);
}

function execute(
  world: World,
  { host, files, commands }: AgentGuest,
  command: z.output<typeof commandSchema>,
): Answer {
  switch (command.execute) {
    case 'guest-ping':
      return returns({});
    case 'guest-network-get-interfaces': {
      const inet = (address: string, prefix: number) => ({
        'ip-address-type': 'ipv4',
        'ip-address': address,
        prefix,
      });
      return returns([
        { name: 'lo', 'hardware-address': '00:00:00:00:00:00', 'ip-addresses': [inet('127.0.0.1', 8)] },
        ...host.system.nics.map(({ name, mac, addresses }) => ({
          name,
          'hardware-address': mac,
          'ip-addresses': addresses.map(address => {
            const [plain = '', prefix = '32'] = address.split('/');
            return inet(plain, Number(prefix));
          }),
        })),
      ]);
    }
    case 'guest-exec': {
      const { path: program, arg } = command.arguments;
      world.state.counter += 1;
      const pid = 4000 + world.state.counter;
      commands.set(pid, undefined);
      runInside(world, host, program, arg)
        .then(end => commands.set(pid, end))
        .catch((error: unknown) => commands.set(pid, refusal(`${String(error)}\n`, 126)));
      return returns({ pid });
    }
    case 'guest-exec-status': {
      const { pid } = command.arguments;
      if (!commands.has(pid)) return agentError(`PID ${pid} does not exist`);
      const end = commands.get(pid);
      if (end === undefined) return returns({ exited: false });
      commands.delete(pid);
      const data = (text: string): string => Buffer.from(text).toString('base64');
      return returns({
        exited: true,
        exitcode: end.code,
        ...(end.stdout === '' ? {} : { 'out-data': data(end.stdout) }),
        ...(end.stderr === '' ? {} : { 'err-data': data(end.stderr) }),
      });
    }
    case 'guest-file-open': {
      const { path: name } = command.arguments;
      try {
        const handle = 1000 + files.size + world.state.counter;
        world.state.counter += 1;
        files.set(handle, { content: readFileSync(mapPath(world.directory, host.mounts, name)), at: 0 });
        return returns(handle);
      } catch {
        return agentError(`failed to open file '${name}' (mode: 'r'): No such file or directory`);
      }
    }
    case 'guest-file-read': {
      const file = files.get(command.arguments.handle);
      if (file === undefined) return agentError(`handle '${command.arguments.handle}' has not been found`);
      const chunk = file.content.subarray(file.at, file.at + command.arguments.count);
      file.at += chunk.length;
      return returns({
        count: chunk.length,
        'buf-b64': chunk.toString('base64'),
        eof: file.at >= file.content.length,
      });
    }
    case 'guest-file-close':
      return files.delete(command.arguments.handle)
        ? returns({})
        : agentError(`handle '${command.arguments.handle}' has not been found`);
    case 'guest-ssh-add-authorized-keys': {
      const directory = path.join(mapPath(world.directory, host.mounts, '/root'), '.ssh');
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const file = path.join(directory, 'authorized_keys');
      appendFileSync(file, '', { mode: 0o600 });
      const present = readFileSync(file, 'utf8').split('\n');
      const fresh = command.arguments.keys.map(key => key.trim()).filter(key => !present.includes(key));
      const gap = present.at(-1) === '' ? '' : '\n';
      appendFileSync(file, fresh.length === 0 ? '' : `${gap}${fresh.join('\n')}\n`);
      return returns({});
    }
  }
}
