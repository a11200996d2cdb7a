import { counted } from '../../foundation/units.ts';
import type { GuestFacts } from '../../journal/facts.ts';
import type { ProofCheck } from '../../journal/proof-facts.ts';
import { isHeldUnit } from './held.ts';
import { type Expected, found, notTold, type Seen } from './subject.ts';

/** That what runs at the source runs in the copy, apart from what is held and what a proof cannot have. */
export function units({ guest, held }: Expected, { evidence, evidenceMs }: Seen): ProofCheck[] {
  if (evidence === undefined) return [notTold('units')];
  if (guest.services.length === 0 && evidence.failedUnits.length === 0)
    return [found('units', 'unproven', 'no unit of the source is recorded that could be missed')];
  if (evidence.running === undefined && evidence.guest?.services.length === 0)
    return [found('units', 'fail', 'its systemd did not answer, and that of its source did')];

  const isHeld = (unit: string): boolean => isHeldUnit(unit, held);
  const failed = evidence.failedUnits.filter(
    unit => !isHeld(unit) && !unit.startsWith('landfall') && !(guest.failedUnits ?? []).includes(unit),
  );
  const excused = failed.filter(unit => needsNetwork(unit, guest));
  const broken = failed.filter(unit => !excused.includes(unit));
  const running = new Set(evidence.guest?.services ?? []);
  const missing =
    evidence.guest === undefined
      ? []
      : guest.services.filter(
          unit => !running.has(unit) && !isHeld(unit) && !comesAndGoes(unit) && !broken.includes(unit),
        );
  const heldHere = guest.services.filter(isHeld);
  const notes = [
    ...excused.map(unit => `excused: ${unit} waits for a network that a proof does not have`),
    ...evidence.waitingJobs.slice(0, 4).map(unit => `still starting: ${unit}`),
    ...(heldHere.length > 0 ? [`held on purpose: ${heldHere.join(', ')}`] : []),
  ];
  const bad = broken.length + missing.length;
  if (bad > 0)
    return [
      found(
        'units',
        'fail',
        `${counted(bad, 'unit')} of the source ${bad === 1 ? 'does' : 'do'} not run: ${[...broken, ...missing].slice(0, 3).join(', ')}${bad > 3 ? ' …' : ''}`,
        [
          ...broken.flatMap(unit => [
            `failed: ${unit}`,
            ...(evidence.journals.get(unit) ?? []).map(line => `  ${line}`),
          ]),
          ...missing.map(unit => `not running: ${unit}${byHand(unit, guest)}`),
          ...notes,
        ],
      ),
    ];
  if (evidence.guest === undefined)
    return [found('units', 'unproven', 'no unit failed; which ones run could not be read', notes)];
  const compared = guest.services.filter(unit => running.has(unit)).length;
  return [
    found(
      'units',
      'pass',
      `${counted(compared, 'unit')} run as at the source, none failed`,
      notes,
      evidenceMs,
    ),
  ];
}

/** Started on demand or by a login; none of them belongs to what a start brings up. */
const ON_DEMAND =
  /^(?:user@\d+|user-runtime-dir@\d+|getty@.*|serial-getty@.*|autovt@.*|sshd?@.*|systemd-(?:hostnamed|localed|timedated|machined|importd|coredump@.*|userwork.*)|packagekit|fwupd(?:-refresh)?|udisks2|upower|polkit|accounts-daemon|colord|bolt|rtkit-daemon|run-.*|landfall.*|cloud-.*|apt-daily.*|man-db|logrotate|fstrim|dnf-makecache|snapd\.refresh|sysstat-.*|phpsessionclean|e2scrub_.*|dpkg-db-backup)\.service$/;

const comesAndGoes = (unit: string): boolean => ON_DEMAND.test(unit);

/** It waits for a network, a time server or a share that the island does not have. */
function needsNetwork(unit: string, { network, fstab }: GuestFacts): boolean {
  if (
    /wait-online|^chrony-wait|^ntp-wait|time-wait-sync|^(?:cloud-(?:init|config|final)|ifup-wait)/.test(unit)
  )
    return true;
  if (/^(?:networking|ifup@.*|network|dhcpcd.*|dhclient.*)\.service$/.test(unit))
    return network?.some(({ dhcp }) => dhcp) === true;
  if (!unit.endsWith('.mount')) return false;
  const remote = fstab?.filter(
    ({ type, options }) =>
      /^(?:nfs4?|cifs|smb3|ceph|glusterfs|fuse\.sshfs)$/.test(type) || options.includes('_netdev'),
  );
  return remote?.some(({ mountpoint }) => mountUnit(mountpoint) === unit) === true;
}

/** The mount point as systemd names its unit; good enough for names without odd characters. */
const mountUnit = (mountpoint: string): string =>
  `${mountpoint
    .replace(/^\/+|\/+$/g, '')
    .replaceAll('-', '\\x2d')
    .replaceAll('/', '-')}.mount`;

function byHand(unit: string, { enabledUnits }: GuestFacts): string {
  if (enabledUnits === undefined || enabledUnits.includes(unit) || unit.includes('@')) return '';
  return ' (not enabled at the source: it may not come up after a restart there either)';
}
