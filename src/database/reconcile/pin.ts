import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import type { Lane, Marker } from '../../journal/database-facts.ts';
import { literal } from '../../remote/sql/quote.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import { markerRow, writeMarker, writeMarkerStatement } from '../monitor/marker.ts';
import { MARKER_TEXT } from '../replicate/marker.ts';
import type { Scene, Stage, Work } from '../stage.ts';
import { awaitLsn, placeNow } from './marker-lsn.ts';
import {
  allowIsolation,
  COST,
  createSnapshot,
  dropSnapshot,
  forbidIsolation,
  isolationQuestion,
  markerInside,
  type PinMethod,
  pinMethod,
  snapshotQuestion,
} from './pin-statements.ts';
import { pinnedName } from './progress.ts';

/** Between two markers while the snapshot is made: what lies between the last one in it and its instant comes twice. */
const MARKER_PAUSE_MS = 150;

const markerTable = ({ ref }: Pick<Scene, 'ref'>): Statement => ({
  on: 'publisher',
  database: ref.source,
  title: 'make the marker table, where it is not there',
  text: MARKER_TEXT,
  effect: 'writes',
});

/** Marker rows, a database snapshot of production, and the LSN of the newest marker in it. Emits database.pinned. */
export const pinStage: Stage = {
  id: 'pin',
  title: scene => `pin an instant of ${scene.ref.source}: ${pinMethod(scene)}; ${COST[pinMethod(scene)]}`,
  preview: scene => [
    markerTable(scene),
    writeMarkerStatement(scene.ref),
    ...(pinMethod(scene) === 'database snapshot'
      ? [dropSnapshot(scene), createSnapshot(scene)]
      : [allowIsolation(scene)]),
  ],
  done: work => isPinned(work),
  async run(work) {
    if (work.state.released !== undefined) throw released(work);
    const method = pinMethod(work);
    await work.servers.publisher.run(markerTable(work), { signal: work.signal });
    if (method === 'snapshot isolation') {
      await work.servers.publisher.run(allowIsolation(work), { signal: work.signal });
      await awaitIsolation(work);
      return;
    }
    await pinSnapshot(work);
  },
};

const made = z.object({ made: z.number() });
const isolation = z.object({ state: z.number() });

/** Where an instant is held by a connection, it is pinned by the reconcile itself; allowing it is all there is to do. */
export async function isPinned(work: Work): Promise<boolean> {
  const { servers, signal, state, ref } = work;
  if (pinMethod(work) === 'snapshot isolation') {
    const [row] = await servers.publisher.ask(isolationQuestion(work), isolation, { signal });
    return row?.state === 1;
  }
  // What was reconciled to it needs it no more.
  if (state.reconcile?.ended !== undefined && state.reconcile.source === pinnedName(work)) return true;
  if (state.pinned?.source !== ref.snapshot) return false;
  const [row] = await servers.publisher.ask(snapshotQuestion(work), made, { signal });
  if (row?.made !== 1) return false;
  // One that somebody made again stands elsewhere.
  const marker = await snapshotMarker(work);
  return marker !== undefined && marker.id === state.pinned.marker?.id;
}

/** Undefined where the snapshot has none. */
export async function snapshotMarker(
  work: Pick<Work, 'servers' | 'ref' | 'signal'>,
): Promise<Marker | undefined> {
  const [row] = await work.servers.publisher.ask(markerInside(work), markerRow, { signal: work.signal });
  return row;
}

async function pinSnapshot(work: Work): Promise<void> {
  const { servers, signal, ref } = work;
  const [there] = await servers.publisher.ask(snapshotQuestion(work), made, { signal });
  if (there?.made === 0) throw foreign(work);
  // What a broken attempt left stands at an instant that nobody has written down.
  if (there !== undefined) await servers.publisher.run(dropSnapshot(work), { signal });
  const place = isCaptured(work) ? await placeOf(work) : undefined;
  await writeMarker(work, signal);
  work.sample({ text: `making the database snapshot ${ref.snapshot}` });
  await whileMarking(work, () => servers.publisher.run(createSnapshot(work), { signal }));
  const marker = await snapshotMarker(work);
  if (marker === undefined)
    throw new LandfallError('database.not-captured', {
      what: `the database snapshot ${ref.snapshot} has no marker row, though one was written before it`,
      next: ['run the same command again: it pins anew'],
    });
  const lsn = place === undefined ? undefined : await awaitLsn(work, place, marker.id);
  await emitPinned(work, ref.snapshot, lsn === undefined ? marker : { ...marker, lsn });
}

/** Lanes whose subscription begins at a marker. */
export const isCaptured = ({ state }: Pick<Scene, 'state'>): boolean =>
  state.captured?.publication !== undefined;

export async function placeOf(work: Work): ReturnType<typeof placeNow> {
  const place = await placeNow(work);
  if (place !== undefined) return place;
  throw new LandfallError('database.not-captured', {
    what: `the distributor knows no marker article of ${work.ref.source} in the publication ${work.ref.publication}`,
    why: 'without capture every change after the pinned instant would be lost',
    next: ['capture first: run the same command again', 'was the publication dropped by somebody else?'],
  });
}

export async function emitPinned(work: Work, source: string, marker: Marker): Promise<void> {
  const lane: Lane = work.state.lane?.lane ?? 'clone';
  await work.emit({ type: 'database.pinned', database: work.name, lane, source, marker });
}

/** Writes markers until the work is done; the last one before its instant bounds what comes twice. */
async function whileMarking<T>(work: Work, act: () => Promise<T>): Promise<T> {
  const { clock, signal } = work;
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const marking = (async () => {
    while (!either.aborted) {
      await clock.sleep(MARKER_PAUSE_MS, either);
      await writeMarker(work, signal);
    }
  })().catch((thrown: unknown) => {
    // The end of the work ends the pause; a marker that is refused is a marker less, and the first one is written.
    if (!either.aborted) work.sample({ text: `a marker was not taken: ${said(thrown)}` });
  });
  try {
    return await act();
  } finally {
    over.abort();
    await marking;
  }
}

const said = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

async function awaitIsolation(work: Work): Promise<void> {
  const { servers, signal, clock, ref } = work;
  for (;;) {
    const [row] = await servers.publisher.ask(isolationQuestion(work), isolation, { signal });
    if (row?.state === 1) return;
    // SQL Server waits for every transaction that ran when it was allowed; nobody is held up by that.
    work.sample({ text: `SNAPSHOT isolation of ${ref.source} waits for transactions that were open before` });
    await clock.sleep(1_000, signal);
  }
}

/** The copy is ahead of anything that can be pinned now. */
export const released = ({ name }: Pick<Scene, 'name'>): LandfallError =>
  new LandfallError('database.in-use', {
    what: `the copy of ${name} follows production already`,
    why: 'to make it equal to an older instant would take back what has arrived since',
    next: [
      'compare it instead, and repair what differs: landfall database validate --repair',
      'to begin from the clone again: landfall database teardown, then seed',
    ],
  });

const foreign = ({ ref, servers }: Work): LandfallError =>
  new LandfallError('database.foreign-object', {
    what: `${ref.snapshot} is there already and is no snapshot of ${ref.source}`,
    where: { host: servers.publisher.label },
    next: [
      `look what it is: SELECT * FROM sys.databases WHERE name = ${literal(ref.snapshot)}`,
      'rename or drop it',
    ],
  });

/** What unpinning sends. SNAPSHOT isolation is put back only where the assessment found it off. */
function unpinning(scene: Scene): readonly Statement[] {
  const method: PinMethod = pinMethod(scene);
  if (method === 'database snapshot') return [dropSnapshot(scene)];
  const wasOn = scene.state.assessed?.publisher.database?.snapshotIsolation ?? true;
  return wasOn ? [] : [forbidIsolation(scene)];
}

/** Drops the database snapshot, or puts SNAPSHOT isolation back; also after a crash, and where it was never pinned. */
export const unpinStage: Stage = {
  id: 'unpin',
  title: ({ ref }) => `let the pinned instant of ${ref.source} go`,
  preview: unpinning,
  async done(work) {
    const { servers, signal, state } = work;
    if (pinMethod(work) === 'database snapshot') {
      const [row] = await servers.publisher.ask(snapshotQuestion(work), made, { signal });
      return row?.made !== 1;
    }
    if (state.assessed?.publisher.database?.snapshotIsolation !== false) return true;
    const [row] = await servers.publisher.ask(isolationQuestion(work), isolation, { signal });
    return row?.state !== 1;
  },
  async run(work) {
    for (const statement of unpinning(work))
      await work.servers.publisher.run(statement, { signal: work.signal });
  },
};
