import { createServer, type Server } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import { type Answer, refusal, type World } from '../world/world.ts';
import type { ToolBox } from './tool-box.ts';

/** Answers the shims of simulated tools (tool-call.ts) over a Unix socket: one request a connection. */

const requestSchema = z.object({
  host: z.string(),
  tool: z.string(),
  args: z.array(z.string()),
  stdin: z.base64(),
  isPrivate: z.boolean().default(false),
  cwd: z.string().optional(),
});

async function answerTo(world: World, tools: ToolBox, line: string): Promise<Answer> {
  const { host: id, tool, args, stdin, isPrivate, cwd } = requestSchema.parse(JSON.parse(line));
  const host = world.hosts.get(id);
  if (host === undefined) return refusal(`${tool}: host ${id} is down\n`);
  return tools.run({
    ...{ host, tool, args, stdin: Buffer.from(stdin, 'base64'), isPrivate },
    ...(cwd === undefined ? {} : { cwd }),
  });
}

export async function serveTools(world: World, tools: ToolBox, path: string): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, socket => {
    socket.on('error', () => socket.destroy());
    buffer(socket)
      .then(bytes => answerTo(world, tools, bytes.toString('utf8')))
      .catch((error: unknown) => {
        world.log(`tool server: ${String(error)}`);
        return refusal(`the lab failed: ${String(error)}\n`, 70);
      })
      .then(result => socket.end(JSON.stringify(result)))
      .catch(() => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return server;
}
