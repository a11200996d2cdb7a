import { z } from 'zod';
import { harmless } from '../foundation/text.ts';
import type { Argv } from '../remote/host.ts';

/** Bridges of a host: the devices on which domains may hang, whoever made them. */
export const BRIDGES: Argv = ['ip', '-j', 'link', 'show', 'type', 'bridge'];

const links = z.array(z.looseObject({ ifname: z.string().optional() }));

/** Their names; undefined where the text is no such answer. Old versions of `ip` print an empty object among the others. */
export function parseBridges(text: string): string[] | undefined {
  // `ip` says nothing at all where there is no bridge.
  if (text.trim() === '') return [];
  try {
    const parsed = links.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data.flatMap(({ ifname }) => ifname ?? []).map(harmless) : undefined;
  } catch {
    // No JSON at all is as unreadable as JSON of another shape.
    return undefined;
  }
}
