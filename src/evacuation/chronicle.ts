import { createWriteStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { asLandfallError, LandfallError } from '../foundation/errors.ts';
import type { Redactor } from '../foundation/redact.ts';
import type { EvacuationDirectory } from '../journal/directory.ts';
import type { Event } from '../journal/events.ts';
import { readNotes, writeNotes } from '../journal/notes-store.ts';
import type { CommandRecord } from '../remote/host.ts';
import { inventoryFile } from './inventory-file.ts';
import { nameScripts } from './script-words.ts';

/** What an evacuation leaves beside its journal, for people: inventories, the command log, a commit per milestone. */
export interface Chronicle {
  event(event: Event): void;
  command(record: CommandRecord): void;
  /** Resolves when everything is on disk that can be written. */
  close(): Promise<void>;
}

/**
 * Nothing of it is needed to go on, so nothing of it ends a run: what cannot be written is told to `onTrouble`.
 */
export async function openChronicle(
  directory: EvacuationDirectory,
  redactor: Redactor,
  onTrouble: (error: LandfallError) => void,
  /** The plan of the way home as it would be now; kept in `reports/` wherever it has changed. */
  wayHome?: () => Promise<string>,
): Promise<Chronicle> {
  const folder = join(directory.path, 'logs');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await setAside(join(folder, 'commands.jsonl'));
  const commands = createWriteStream(join(folder, 'commands.jsonl'), { flags: 'a', mode: 0o600 });
  const writing = new Set<Promise<void>>();
  const tell = (thrown: unknown): void => onTrouble(asLandfallError(thrown));
  const begin = (work: Promise<unknown>): void => {
    const over: Promise<void> = work.then(() => undefined, tell).finally(() => writing.delete(over));
    writing.add(over);
  };
  const commit = async (message: string, routine = false): Promise<void> => {
    const milestone = await directory.commit(message, { routine });
    if (milestone.kind === 'failed') onTrouble(milestone.error);
  };
  const notes = await readNotes(directory.journalPath);
  // One after the other: the file is read, and written anew.
  let noting: Promise<unknown> = Promise.resolve();
  const note = (): Promise<unknown> => {
    const { entries } = notes;
    noting = noting.catch(() => undefined).then(() => writeNotes(directory.path, entries));
    return noting;
  };
  let home = '';
  const keepWayHome = async (): Promise<void> => {
    const text = await wayHome?.();
    if (text === undefined || text === home) return;
    home = text;
    await directory.writeArtifact('reports/failback.yaml', text);
  };
  const keep = async (isNoted: boolean, event: Event, milestone: string): Promise<void> => {
    try {
      if (isNoted) await note();
      if (CHANGES_WAY_HOME.has(event.type)) await keepWayHome();
    } finally {
      await commit(milestone, ROUTINE.has(event.type));
    }
  };
  let isBroken = false;
  const scripts = new Set<string>();
  commands.on('error', error => {
    isBroken = true;
    tell(
      new LandfallError('state.unwritable', {
        what: 'the command log cannot be written any more',
        why: 'the evacuation goes on without it: the journal is another file, and it is whole',
        where: { file: join(folder, 'commands.jsonl') },
        evidence: [error.message],
        next: [`make room: df -h ${folder}`],
        cause: error,
      }),
    );
  });

  return {
    event(event) {
      const kept = inventoryFile(event);
      if (kept !== undefined) begin(directory.writeArtifact(`inventories/${kept.name}`, kept.text));
      const isNoted = notes.add(event);
      const milestone = milestoneOf(event);
      if (milestone !== undefined) begin(keep(isNoted, event, milestone));
      else if (isNoted) begin(note());
    },
    command(record) {
      if (isBroken) return;
      for (const line of linesOf(redactor.value(record), scripts))
        commands.write(`${JSON.stringify(line)}\n`);
    },
    async close() {
      await Promise.all(writing);
      await note().catch(tell);
      await keepWayHome().catch(tell);
      commands.end();
      // What went wrong was told when it did.
      await finished(commands).catch(() => undefined);
      await commit('the end of a run', true);
    },
  };
}

/** What a standby brings every few minutes, for weeks. */
const ROUTINE: ReadonlySet<Event['type']> = new Set(['replica.verified', 'step.failed']);

const CHANGES_WAY_HOME: ReadonlySet<Event['type']> = new Set([
  'evacuation.created',
  'plan.accepted',
  'receiver.prepared',
  'cutover.begun',
  'cutover.standby-started',
  'cutover.ended',
]);

/** So long may the command log be when a run begins; the one before is kept until the next is as long. */
const LONGEST_LOG = 32 * 1024 ** 2;

/** A log that cannot be set aside grows on. */
async function setAside(path: string): Promise<void> {
  const log = await stat(path).catch(() => undefined);
  if (log?.isFile() === true && log.size > LONGEST_LOG)
    await rename(path, `${path}.old`).catch(() => undefined);
}

/** The lines of one command in the command log: a script stands there once a run. `known` are those that do already. */
function linesOf(record: CommandRecord, known: Set<string>): object[] {
  const lines: object[] = [];
  const command = nameScripts(record.command, (script, text) => {
    if (!known.has(script)) lines.push({ script, text });
    known.add(script);
  });
  return [...lines, { ...record, command }];
}

/** What deserves a commit and a copy at the target site: states that somebody may want to look back at. */
export function milestoneOf(event: Event): string | undefined {
  switch (event.type) {
    case 'evacuation.created':
      return `evacuation ${event.name} created`;
    case 'plan.accepted':
      return 'changed plan accepted';
    case 'receiver.prepared':
      return `${event.machine}: replica prepared`;
    case 'replica.verified':
      return `${event.machine}: pass ${event.pass} verified`;
    case 'step.failed':
      return `${event.step} failed: ${event.error.code}`;
    case 'note.added':
      return 'a note';
    case 'gate.waived':
      return `${event.gate} waived`;
    case 'gate.waiver-withdrawn':
      return `waiver of ${event.gate} withdrawn`;
    case 'stage.approved':
      return `stage ${event.phase} approved`;
    case 'mode.switched':
      return `mode ${event.mode}`;
    case 'proof.ended':
      return `${event.machine}: proof ${event.proof} ${event.verdict}`;
    case 'database.captured':
    case 'database.released':
    case 'database.validated':
    case 'database.besides':
    case 'handover.drained':
    case 'handover.ended':
    case 'handover.thawed':
      return `${event.database}: ${event.type}`;
    case 'cutover.begun':
    case 'cutover.no-return':
    case 'cutover.aborted':
    case 'cutover.ended':
      return event.type;
    case 'cutover.item':
      return `${event.item} ${event.outcome}`;
    case 'cutover.quieting':
    case 'cutover.powering-off':
    case 'cutover.overlaid':
    case 'cutover.standby-started':
    case 'cutover.committed':
      return `${event.machine}: ${event.type}`;
    default:
      return undefined;
  }
}
