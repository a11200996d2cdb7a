import type { ChecklistItem } from '../checklist/index.ts';
import { closeDeed } from './closing.ts';
import { drainDeed, openDeed } from './database.ts';
import type { Deed } from './deed.ts';
import { failbackDeed } from './failback.ts';
import {
  bringUpDeed,
  checkDeed,
  commitDeed,
  lastCopyDeed,
  powerOffDeed,
  quietDeed,
} from './machine/index.ts';

/** What landfall does for an item; undefined where people do it, or where the order itself is the deed. */
export function deedOf(
  { deed, subject }: Pick<ChecklistItem, 'deed' | 'subject'>,
  dark: boolean,
): Deed | undefined {
  switch (deed) {
    case 'quiet':
      return quietDeed(subject);
    case 'last-copy':
      return lastCopyDeed(subject);
    case 'drain':
      return drainDeed(subject);
    case 'power-off':
      return powerOffDeed(subject);
    case 'bring-up':
      return bringUpDeed(subject, { dark });
    case 'check':
      return checkDeed(subject);
    case 'open':
      return openDeed(subject, dark);
    case 'commit':
      return commitDeed(subject);
    case 'failback':
      return failbackDeed();
    case 'close':
      return closeDeed();
    default:
      return undefined;
  }
}
