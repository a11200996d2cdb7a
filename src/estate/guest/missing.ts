import type { MachineState } from '../../journal/state.ts';
import { unsupportedLayout } from '../../tools/unsupported.ts';
import { findingsOf } from './findings.ts';

export type Observed = NonNullable<MachineState['observed']>;

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
  return [
    ...unsupportedLayout(domain, guest),
    ...findingsOf(guest),
    ...(domain.state === 'running'
      ? []
      : [{ found: `the domain is ${domain.state}`, help: 'start it, or take the machine out of the plan' }]),
    ...withoutRsync(guest),
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

function withoutRsync({ rsync }: Observed['guest']): Missing[] {
  if (rsync === undefined)
    return [
      {
        found: 'rsync is not installed there: it can travel by its blocks only',
        help: 'install rsync there yourself, or leave it to the blocks mover',
      },
    ];
  const newer =
    'where that matters, install a newer rsync on the source yourself: landfall installs nothing there';
  const lacks = (has: boolean, what: string): Missing[] =>
    has ? [] : [{ found: `rsync ${rsync.version} there knows ${what}`, help: newer }];
  return [
    ...lacks(rsync.acls, 'no ACLs: they do not travel'),
    ...lacks(rsync.xattrs, 'no extended attributes: labels and capabilities do not travel'),
    ...lacks(
      rsync.nanoseconds,
      'whole seconds only: one delta pass compares contents as well, which takes as long as a first pass',
    ),
  ];
}
