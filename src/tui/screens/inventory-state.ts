import { findingsOf } from '../../inventory/findings/findings.ts';
import type { MachineState, StepState } from '../../journal/state.ts';
import { own } from '../../readiness/copy.ts';
import { unsupportedLayout } from '../../tools/unsupported.ts';
import type { View } from '../screen.ts';
import type { StatusKind } from '../text/glyphs.ts';

type Observed = NonNullable<MachineState['observed']>;

/** Where the look at a machine or a hypervisor stands. */
export interface LookState {
  readonly kind: StatusKind | 'quiet';
  readonly word: string;
}

export const inventoryStep = ({ snapshot }: View, subject: string): StepState | undefined =>
  own(snapshot?.state.steps ?? {}, `inventory/${subject}`);

export function lookState(step: StepState | undefined, seen: boolean, toRead: number): LookState {
  if (step?.status === 'failed') return { kind: 'bad', word: 'failed' };
  if (step?.status === 'retrying') return { kind: 'warn', word: 'trying again' };
  if (step?.status === 'running') return { kind: 'busy', word: 'looking' };
  if (!seen) return { kind: 'quiet', word: 'not yet' };
  return toRead > 0 ? { kind: 'warn', word: `seen, ${toRead} to read` } : { kind: 'ok', word: 'seen' };
}

export interface Missing {
  readonly found: string;
  readonly help: string;
}

/** What a machine lacks for a whole copy that comes up again, with what helps. */
export function missingIn({ domain, guest }: Observed): Missing[] {
  if (guest.login === false)
    return [
      {
        found: 'nobody logs in there: what runs inside, and what its disks hold, is not known',
        help: 'what comes up is proved by a boot of its copy, seen from outside',
      },
    ];
  const { rsync } = guest;
  const newer =
    'where that matters, install a newer rsync on the source yourself: landfall installs nothing there';
  return [
    ...unsupportedLayout(domain, guest),
    ...findingsOf(guest),
    ...(domain.state === 'running'
      ? []
      : [{ found: `the domain is ${domain.state}`, help: 'start it, or take the machine out of the plan' }]),
    ...(rsync === undefined
      ? [
          {
            found: 'rsync is not installed there: it can travel by its blocks only',
            help: 'install rsync there yourself, or leave it to the blocks mover',
          },
        ]
      : []),
    ...(rsync === undefined || rsync.acls
      ? []
      : [{ found: `rsync ${rsync.version} there knows no ACLs: they do not travel`, help: newer }]),
    ...(rsync === undefined || rsync.xattrs
      ? []
      : [
          {
            found: `rsync ${rsync.version} there knows no extended attributes: labels and capabilities do not travel`,
            help: newer,
          },
        ]),
    ...(rsync === undefined || rsync.nanoseconds
      ? []
      : [
          {
            found: `rsync ${rsync.version} there knows whole seconds only: one delta pass compares contents as well, which takes as long as a first pass`,
            help: newer,
          },
        ]),
    ...(guest.productUuid === undefined
      ? [
          {
            found:
              'the product UUID cannot be read from inside: the machine was recognised by its hardware address alone',
            help: 'let landfall log in as root, or set sudo: true for it in the plan',
          },
        ]
      : []),
  ];
}

/** `1 204 000`: groups that no language reads as a decimal point. */
export const thousands = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
