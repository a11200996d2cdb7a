import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { type Ask, replySchema } from './protocol.ts';

/** The asking end of the control socket. */

export const unavailable = (what: string, evidence: readonly string[] = [], cause?: unknown): LandfallError =>
  new LandfallError('lab.unavailable', {
    what,
    evidence,
    next: ['look into lab.log in the directory of the lab', 'remove the directory to start afresh'],
    cause,
  });

export interface Line {
  ask<T>(request: Ask, schema: z.ZodType<T>): Promise<T>;
  readonly socket: Socket;
}

/** Requests over one connection; it keeps this process alive only while an answer is awaited. */
export async function openLine(control: string): Promise<Line> {
  const socket = connect(control);
  await once(socket, 'connect').catch((cause: unknown) => {
    throw unavailable('the pocket lab does not answer on its control socket', [control], cause);
  });
  socket.unref();
  const waiting = new Map<number, (reply: z.output<typeof replySchema> | undefined) => void>();
  let next = 1;
  const lines = createInterface({ input: socket });
  // readline tells the errors of its input again; the end of the connection settles what waits.
  lines.on('error', () => socket.destroy());
  lines.on('line', line => {
    const reply = replySchema.parse(JSON.parse(line));
    waiting.get(reply.id)?.(reply);
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    for (const settle of waiting.values()) settle(undefined);
  });
  return {
    socket,
    async ask(request, schema) {
      const id = next;
      next += 1;
      const answered = new Promise<z.output<typeof replySchema> | undefined>(resolve =>
        waiting.set(id, resolve),
      );
      socket.ref();
      if (socket.destroyed) throw unavailable('the pocket lab has ended');
      socket.write(`${JSON.stringify({ id, ask: request })}\n`);
      const reply = await answered;
      waiting.delete(id);
      if (waiting.size === 0) socket.unref();
      if (reply === undefined) throw unavailable('the pocket lab ended before it answered');
      if (!reply.ok) throw unavailable(`the pocket lab refused ${request.what}: ${reply.why}`);
      return schema.parse(reply.value);
    },
  };
}
