import { didYouMean } from '../foundation/spelling.ts';
import { harmless } from '../foundation/text.ts';

/** `did you mean "a"?`, or what there is on the host, or that there is nothing; names from hosts are made harmless. */
export function suggestion(wanted: string, names: readonly string[], kind: string): string {
  return didYouMean(wanted, names.map(harmless)) ?? `there is no ${kind} at all`;
}
