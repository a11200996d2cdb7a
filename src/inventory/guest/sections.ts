import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { tailLines } from '../../foundation/text.ts';
import { groupsOf, partsOf } from '../collector/group.ts';

/** One answered question: the tool's exit code (127 where the guest does not have it) and its bytes as text. */
export interface Section {
  readonly rc: number;
  readonly text: string;
}

export type Sections = ReadonlyMap<string, Section>;

const line = z.strictObject({
  section: z.string().min(1),
  rc: z.int().min(0).max(255),
  data: z.base64(),
});

/**
 * Decodes what the collector printed. Lines that are not the collector's (a banner, a profile that talks) are skipped;
 * an output that does not end with the `end` section was cut off and is refused with `remote.answer-unreadable`.
 * Where a question was asked again in another form, the last answer counts.
 */
export function decodeSections(ndjson: string, host: string): Sections {
  const sections = new Map<string, Section>();
  for (const raw of ndjson.split('\n')) {
    const parsed = line.safeParse(jsonOf(raw));
    if (!parsed.success) continue;
    const { section, rc, data } = parsed.data;
    const text = Buffer.from(data, 'base64').toString('utf8');
    const groups = section.startsWith('round:') ? groupsOf(text, rc) : [];
    for (const group of groups) sections.set(`group:${group.name}`, { rc: group.rc, text: group.text });
    if (groups.length === 0) sections.set(section, { rc, text });
    if (!/^(?:group|round):/.test(section)) continue;
    for (const part of partsOf(text)) sections.set(part.name, { rc: part.rc, text: part.text });
  }
  if (sections.get('base64')?.rc === 127) {
    throw new LandfallError('remote.command-missing', {
      what: `base64 is missing on ${host}, so its facts cannot be brought home unharmed`,
      where: { host },
      next: [`install coreutils or busybox on ${host}; landfall installs nothing on a source`],
    });
  }
  if (!sections.has('end')) {
    throw new LandfallError('remote.answer-unreadable', {
      what: `the inventory of ${host} was cut off before its end`,
      where: { host },
      evidence: tailLines(ndjson, 3, 120),
      next: [
        'run the same command again',
        `log in to ${host} and see whether commands are killed or cut short`,
      ],
    });
  }
  return sections;
}

/** The text of a section that was answered without an error. */
export function answered(sections: Sections, name: string): string | undefined {
  const section = sections.get(name);
  return section !== undefined && section.rc === 0 ? section.text : undefined;
}

function jsonOf(text: string): unknown {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
