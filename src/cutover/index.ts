import type { ItemCommand } from '../checklist/index.ts';
import { LandfallError } from '../foundation/errors.ts';
import type { Step, View } from '../step/step.ts';

export type { Deed } from './deed.ts';

/** The steps of the cutover that are ordered and due, or, once it was aborted, those that take it back. Pure. */
export function cutoverSteps(_view: View): Step[] {
  return [];
}

/** Every step that a cutover would run, for --dry-run. */
export function cutoverOutlook(_view: View, _options: { readonly dark?: boolean } = {}): Step[] {
  throw new LandfallError('bug', {
    what: 'the outlook of a cutover is not written yet',
    next: ['report this'],
  });
}

/** The exact commands of every item that landfall runs, from the previews of their deeds. */
export function cutoverCommands(_view: View): Readonly<Record<string, readonly ItemCommand[]>> {
  return {};
}

/** Whether a machine belongs to the cutover now: no other step of landfall may touch its copy. */
export function isInCutover(_view: Pick<View, 'state'>, _machine: string): boolean {
  return false;
}
