import { counted, formatRate } from '../../../foundation/units.ts';
import { moverOf } from '../../../step/mover.ts';
import type { View } from '../../../step/step.ts';
import { travelling } from '../../file-systems.ts';
import { STREAM_BYTES_PER_SECOND } from './compression.ts';

/** How many streams a first copy is worth (facts of the disk, 3.4 and 3.5). */

/** OpenSSH lets so many bytes of a channel be on their way; of that, six sevenths came through in the measurements. */
const WINDOW = 2 * 1024 ** 2;
const THROUGH = 0.85;
/** More streams than this cost more processors than they bring bytes. */
const MOST = 8;
/** What a link is taken for of which nobody has said how much it bears. */
const UNKNOWN_LINK = 125e6;

/** Bytes per second that one stream can send over a line of that length. */
export function streamRate(rttMs: number | undefined): number {
  if (rttMs === undefined || rttMs <= 0) return STREAM_BYTES_PER_SECOND;
  return Math.min(STREAM_BYTES_PER_SECOND, (THROUGH * WINDOW * 1000) / rttMs);
}

/**
 * Streams for the first copy of a machine: as many as fill the link, no more than the plan has, than its processors carry,
 * and than its share of what still waits for a first copy. Several machines side by side fill a link as well.
 */
export function countStreams(
  view: View,
  machine: string,
  { rttMs, limit }: { readonly rttMs: number | undefined; readonly limit: number | undefined },
): { readonly streams: number; readonly why: string } {
  if (rttMs === undefined) return { streams: 1, why: 'how far away the receiver is could not be measured' };
  const rate = streamRate(rttMs);
  const filling = Math.ceil((limit ?? UNKNOWN_LINK) / rate);
  const far = `${rttMs.toFixed(1)} ms to the receiver and back let one stream send ${formatRate(rate)}`;
  if (filling <= 1) return { streams: 1, why: `${far}: that fills the link` };
  const vcpus = view.state.machines[machine]?.observed?.domain?.vcpus ?? 1;
  const share = Math.max(1, Math.round(view.plan.link.streams * shareOf(view, machine)));
  const streams = Math.min(filling, view.plan.link.streams, MOST, 2 * vcpus, share);
  const wanted = `${far}; ${counted(filling, 'stream')} would fill ${limit === undefined ? 'a link of 1 Gbit/s' : 'the link'}`;
  if (streams === filling) return { streams, why: wanted };
  const held =
    streams === share && share < view.plan.link.streams
      ? 'other machines send beside it'
      : streams === 2 * vcpus
        ? `it has ${counted(vcpus, 'processor')}`
        : `${counted(streams, 'stream')} at most`;
  return { streams, why: `${wanted}, but ${held}` };
}

/** Its part of the bytes that still wait for their first copy. */
function shareOf(view: View, machine: string): number {
  const bytes = (name: string): number =>
    (travelling(view, name) ?? []).reduce((sum, { used }) => sum + used, 0);
  const waiting = Object.keys(view.plan.machines).filter(
    name =>
      moverOf(view, name) === 'files' &&
      view.state.machines[name]?.passes.some(({ ended }) => ended !== undefined) !== true,
  );
  const all = waiting.reduce((sum, name) => sum + bytes(name), 0);
  const own = bytes(machine);
  return !waiting.includes(machine) || all <= 0 ? 1 : own / all;
}
