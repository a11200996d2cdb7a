import type { Command, Reply } from '../../evacuation/engine/command.ts';
import { asLandfallError } from '../../foundation/errors.ts';
import type { App } from '../app.ts';

const TOAST_MS = 8_000;
const TROUBLE_MS = 20_000;

/** Sends an order and says what came of it. True where it was taken. */
export async function order(app: App, command: Command): Promise<boolean> {
  const session = app.store.session();
  if (session === undefined) {
    tell(app, 'no evacuation is open', 'bad');
    return false;
  }
  const reply = await session.send(command);
  tellReply(app, reply, command);
  return reply.ok;
}

function tellReply(app: App, reply: Reply, { kind }: Command): void {
  // "Inventory may begin" is no news any more once it has begun.
  if (reply.ok) tell(app, reply.said, 'good', { ofStages: kind === 'approve' });
  else tell(app, [reply.error.what, ...reply.error.next.map(each => `next: ${each}`)].join('; '), 'bad');
}

/** A line above the footer for a while; bad news stays longer. */
export function tell(
  app: App,
  text: string,
  tone: 'good' | 'warn' | 'bad' | 'plain',
  about: { readonly ofStages?: boolean } = {},
): void {
  const until = app.clock.now() + (tone === 'bad' ? TROUBLE_MS : TOAST_MS);
  app.store.act({ type: 'toast', toast: { text, tone, until, ...about } });
}

/** Does something that takes a while, with a line that says so; what is thrown is told, with what to do next. */
export async function during<T>(app: App, busy: string, work: () => Promise<T>): Promise<T | undefined> {
  app.store.act({ type: 'busy', busy });
  try {
    return await work();
  } catch (thrown) {
    app.store.act({ type: 'busy', busy: undefined });
    tellError(app, thrown);
    return undefined;
  } finally {
    app.store.act({ type: 'busy', busy: undefined });
  }
}

/** The same for what leads to another screen: until that stands, keys that act have nothing to act on. */
export async function opening<T>(app: App, busy: string, work: () => Promise<T>): Promise<T | undefined> {
  app.store.act({ type: 'opening', isOpening: true });
  try {
    return await during(app, busy, work);
  } finally {
    app.store.act({ type: 'opening', isOpening: false });
  }
}

export function tellError(app: App, thrown: unknown): void {
  const { what, next } = explain(thrown);
  tell(app, [what, ...next.map(each => `next: ${each}`)].join('; '), 'bad');
}

/** Any failure in words: what happened and what to do. */
export function explain(thrown: unknown): { readonly what: string; readonly next: readonly string[] } {
  const { facts } = asLandfallError(thrown);
  return { what: facts.what, next: facts.next };
}
