import { harmless } from '../foundation/text.ts';
import type { Event } from './events.ts';
import { noteWords } from './notes-words.ts';

/**
 * `notes.md`: what people said and decided and what was reached, out of the journal, for whoever comes next. What people
 * write into the file themselves stands above a line, and stays; what stands below it is landfall's.
 */

export const NOTES_LINE =
  '<!-- Below this line landfall writes, from the journal; what stands above is yours and stays. -->';

export const NOTES_HEAD = `# Notes\n\nWhat the shift should know. Write here what you like; \`landfall note\` writes below.\n\n${NOTES_LINE}\n`;

/** The wording of earlier versions, which kept the file whole for people: nothing of it need be kept. */
const EARLIER_HEAD =
  '# Notes\n\nWhat the shift should know. Landfall keeps this file and never writes to it.\n';

export interface NotesEntry {
  readonly at: number;
  readonly text: string;
}

/** Collects from events in their order what deserves a line. */
export class Notes {
  readonly #entries: NotesEntry[] = [];
  readonly #verified = new Set<string>();

  /** True where the event has made a line. */
  add(event: Event): boolean {
    if (event.type === 'replica.verified') {
      // A copy is verified many times; that it was for the first time is the news.
      if (event.mismatches.length > 0 || this.#verified.has(event.machine)) return false;
      this.#verified.add(event.machine);
    }
    const text = noteWords(event);
    if (text === undefined) return false;
    this.#entries.push({ at: event.at, text });
    return true;
  }

  get entries(): readonly NotesEntry[] {
    return this.#entries;
  }
}

/** The file with these entries below its line; what people wrote above it is kept byte for byte. Pure. */
export function notesFile(before: string, entries: readonly NotesEntry[]): string {
  return `${keptOf(before)}${NOTES_LINE}\n${renderNotes(entries)}`;
}

function keptOf(before: string): string {
  const at = before.indexOf(NOTES_LINE);
  if (at !== -1) return before.slice(0, at);
  if (before.trim() === '' || before === EARLIER_HEAD)
    return NOTES_HEAD.slice(0, NOTES_HEAD.indexOf(NOTES_LINE));
  return before.endsWith('\n') ? `${before}\n` : `${before}\n\n`;
}

/** A heading for each day (UTC), a line for each entry. */
function renderNotes(entries: readonly NotesEntry[]): string {
  let day = '';
  let text = '';
  for (const entry of entries) {
    const instant = new Date(entry.at).toISOString();
    if (instant.slice(0, 10) !== day) {
      day = instant.slice(0, 10);
      text += `\n## ${day} (UTC)\n\n`;
    }
    text += `- ${instant.slice(11, 19)} ${plain(entry.text)}\n`;
  }
  return text;
}

/** One harmless line that no reader of Markdown takes for markup of HTML. */
const plain = (text: string): string => harmless(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
