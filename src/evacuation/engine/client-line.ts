import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { harmlessBytes } from '../../foundation/text.ts';
import type { Command } from './command.ts';
import { type ClientMessage, clientMessage, PROTOCOL_VERSION } from './protocol.ts';

/** No command comes near it: what is longer is no command. */
export const MAX_LINE_BYTES = 64 * 1024;

export type Hello = Extract<ClientMessage, { type: 'hello' }>;

/** What one line of a client means. `refused` is answered and the client goes on; `garbled` ends the connection. */
export type Heard =
  | { readonly kind: 'hello'; readonly hello: Hello }
  | { readonly kind: 'command'; readonly id: string; readonly command: Command }
  | { readonly kind: 'refused'; readonly id: string; readonly error: LandfallError }
  | { readonly kind: 'garbled'; readonly error: LandfallError };

/** A command by its envelope alone: enough to answer one whose content is wrong. */
const envelope = z.object({
  v: z.literal(PROTOCOL_VERSION),
  type: z.literal('command'),
  id: z.string().min(1).max(64),
  command: z.unknown(),
});

/** Understands a line of a client. Total: whatever the bytes are, there is an answer. */
export function hear(line: Uint8Array): Heard {
  const parsed = parseJson(line);
  const checked = clientMessage.safeParse(parsed);
  if (checked.success) {
    const message = checked.data;
    if (message.type === 'hello') return { kind: 'hello', hello: message };
    return { kind: 'command', id: message.id, command: message.command };
  }
  const command = envelope.safeParse(parsed);
  if (command.success) return { kind: 'refused', id: command.data.id, error: unknownCommand(checked.error) };
  return { kind: 'garbled', error: versionOf(parsed) ?? noMessage(line) };
}

export const tooLong = (): LandfallError => garbled(`a line of more than ${MAX_LINE_BYTES} bytes`);

export const helloFirst = (): LandfallError =>
  garbled('a command before its hello, or a second hello: the first line of a client is hello');

function parseJson(line: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(line).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Another version of the protocol is no rubbish: its user deserves to hear what to do. */
function versionOf(parsed: unknown): LandfallError | undefined {
  if (typeof parsed !== 'object' || parsed === null || !('v' in parsed)) return undefined;
  const { v } = parsed;
  if (typeof v !== 'number' || v === PROTOCOL_VERSION) return undefined;
  return new LandfallError('engine.protocol', {
    what: `this client speaks version ${v} of the engine's protocol, the engine speaks version ${PROTOCOL_VERSION}`,
    why: 'the engine was started by another landfall than the one that is used now',
    next: [
      'use the landfall that started the engine',
      `or end the engine with that landfall (landfall stop) and start it with this one: nothing on hosts is lost`,
    ],
  });
}

const noMessage = (line: Uint8Array): LandfallError =>
  garbled('a line that is no message', [harmlessBytes(line.subarray(0, 120))]);

function garbled(what: string, evidence?: readonly string[]): LandfallError {
  return new LandfallError('engine.protocol', {
    what: `the engine was sent ${what}`,
    why: 'the connection is closed; the evacuation goes on',
    next: ['use the landfall that started the engine as its client'],
    evidence,
  });
}

function unknownCommand(error: z.ZodError): LandfallError {
  return new LandfallError('command.refused', {
    what: 'the engine does not know such an order',
    why: 'a client of another version may know orders that this engine does not, or a value is out of its bounds',
    evidence: error.issues
      .slice(0, 3)
      .map(({ path, message }) => `${path.join('.')}: ${message}`.slice(0, 300)),
    next: ['check the order; if it is right, use the landfall that started the engine'],
  });
}
