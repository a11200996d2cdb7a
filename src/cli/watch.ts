import { attach } from '../evacuation/engine/client.ts';
import type { Snapshot } from '../evacuation/engine/session.ts';
import { takeUp } from '../evacuation/engine/take-up.ts';
import { EXIT, type ExitCode } from '../foundation/exit-codes.ts';
import { harmless } from '../foundation/text.ts';
import { formatDuration } from '../foundation/units.ts';
import { clientOf } from './engineer.ts';
import { goesOn } from './goes-on.ts';
import type { Io } from './io.ts';
import { linesWatcher } from './render/lines.ts';
import { ndjsonWatcher, STREAM_VERSION } from './render/ndjson.ts';
import { createStyle } from './style.ts';
import { VERSION } from './version.ts';

export interface WatchOptions {
  readonly root: string;
  readonly name: string;
  readonly json: boolean;
}

/** Tells what a running engine does, line by line, until it ends or this process is told to leave. */
export async function watchEngine(io: Io, { root, name, json }: WatchOptions): Promise<ExitCode> {
  const style = createStyle(io.colour, io.unicode);
  const watcher = json ? ndjsonWatcher(io) : linesWatcher(io, style);
  const over = Promise.withResolvers<string | undefined>();
  io.sayOnInterrupt(goesOn(name));
  io.signal.addEventListener('abort', () => over.resolve(undefined), { once: true });
  // What comes in while it is being attached is told after the greeting, which says from where on everything is told.
  let early: (() => void)[] | undefined = [];
  let toldFrom: number | undefined;
  const tell = (telling: () => void): void => {
    if (early === undefined) telling();
    else early.push(telling);
  };
  const session = await attach({
    ...{ root, name, landfall: VERSION, ...clientOf(io, 'cli') },
    onEvent: (event, state) => {
      toldFrom ??= event.seq;
      tell(() => watcher.event(event, state));
    },
    onSample: sample => tell(() => watcher.sample(sample)),
    onBye: outcome => over.resolve(outcome),
  });
  if (io.signal.aborted) over.resolve(undefined);
  try {
    if (json) {
      const { state, engine, clients } = session.snapshot();
      const lastSeq = toldFrom === undefined ? state.lastSeq : toldFrom - 1;
      const from = { evacuation: name, lastSeq, engine, clients };
      io.out(`${JSON.stringify({ v: STREAM_VERSION, type: 'attached', ...from })}\n`);
    } else {
      io.err(greeting(session.snapshot(), io.clock.now()));
      session.subscribe(connectionTeller(io, () => session.snapshot()));
    }
    for (const telling of early) telling();
    early = undefined;
    const outcome = await over.promise;
    if (outcome === undefined) return EXIT.interrupted;
    if (!json) io.err(`the engine of ${name} has ended: ${harmless(outcome)}\n`);
    return EXIT.ok;
  } finally {
    await session.close();
    await watcher.end();
  }
}

function greeting({ name, engine, clients }: Snapshot, now: number): string {
  const others = clients
    .filter(client => !client.self)
    .map(client => harmless(`${client.who}@${client.host}`));
  const since =
    engine === undefined ? '' : ` has run for ${formatDuration(now - engine.since)} (pid ${engine.pid})`;
  const company = others.length === 0 ? '' : `; also here: ${others.join(', ')}`;
  return `the engine of ${name}${since}${company}; Ctrl-C leaves it running\n`;
}

/** Says once when the engine is not reachable, once when it turns out to be gone, and once when it is back. */
function connectionTeller(io: Io, snapshot: () => Snapshot): () => void {
  let before = snapshot().connection;
  return () => {
    const { connection, name, gone, state } = snapshot();
    if (connection === before) return;
    if (connection === 'lost') io.err(`the engine of ${name} is not reachable; looking for it\n`);
    if (connection === 'none' && gone !== undefined) {
      const again = takeUp({ name, lab: state.evacuation?.lab === true });
      io.err(`the engine of ${name} is gone, nobody steers: ${harmless(gone.why)}\nnext: ${again}\n`);
    }
    if (connection === 'live') io.err(`the engine of ${name} is back\n`);
    before = connection;
  };
}
