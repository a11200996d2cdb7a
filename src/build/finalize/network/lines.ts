import type { Move, Mover } from './mover.ts';

/** A language of one setting a line. An editor changes values where they stand and prints nothing again. */
export interface LineFormat {
  /** True for a line that begins a section: what is said of one address holds up to the next. */
  readonly section: (line: string) => boolean;
  /** The setting of a line: its key, and where its value begins and ends. */
  readonly field: (line: string) => Field | undefined;
  /** What a value becomes; undefined where it stays. */
  readonly value: (field: Field, mover: Mover, section: Section) => string | undefined;
  /** Addresses of the machine itself in a value; empty for other settings. */
  readonly own: (field: Field) => readonly string[];
}

export interface Section {
  readonly lines: readonly string[];
  /** The move of the section's own address. */
  readonly move: Move | undefined;
}

export interface Field {
  readonly key: string;
  readonly value: string;
  readonly start: number;
}

export function editLines(text: string, format: LineFormat, mover: Mover): string {
  const lines = text.split('\n');
  const sections: string[][] = [[]];
  for (const line of lines) {
    if (format.section(line)) sections.push([]);
    sections.at(-1)?.push(line);
  }
  return sections
    .flatMap(section => {
      const fields = section.map(format.field);
      const move = fields
        .flatMap(field => (field === undefined ? [] : format.own(field)))
        .map(address => mover.moveOf(address))
        .find(found => found !== undefined);
      return section.map((line, at) => {
        const field = fields[at];
        const value = field && format.value(field, mover, { lines: section, move });
        return field === undefined || value === undefined
          ? line
          : line.slice(0, field.start) + value + line.slice(field.start + field.value.length);
      });
    })
    .join('\n');
}

/** The field that a pattern finds, by its groups `key` and `value`. */
export function fieldBy(pattern: RegExp): (line: string) => Field | undefined {
  return line => {
    const found = pattern.exec(line);
    const [key, value] = [found?.groups?.['key'], found?.groups?.['value']];
    const start = found?.indices?.groups?.['value']?.[0];
    return key === undefined || value === undefined || start === undefined
      ? undefined
      : { key, value, start };
  };
}
