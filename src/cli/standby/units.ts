import { LandfallError } from '../../foundation/errors.ts';
import { formatArgv } from '../../remote/quote.ts';

/** The systemd units and the cron line that keep copies fresh. Pure: every word of a command line may be hostile. */

export interface StandbyUnits {
  /** `landfall-standby-miami-to-dallas`; the units are this with `.service` and `.timer`. */
  readonly name: string;
  readonly service: string;
  readonly timer: string;
}

export interface UnitWishes {
  readonly evacuation: string;
  /** One cycle: everything that is due, once. */
  readonly argv: readonly string[];
  /** Between the end of one cycle and the beginning of the next, seconds. */
  readonly everySeconds: number;
  readonly system: boolean;
  /** A file with the variables that the plan takes secrets from. */
  readonly envFile?: string | undefined;
}

export const unitName = (evacuation: string): string => `landfall-standby-${evacuation}`;

/** Throws `usage` for a word that no unit file can hold. */
export function unitsOf({ evacuation, argv, everySeconds, system, envFile }: UnitWishes): StandbyUnits {
  const name = unitName(evacuation);
  return {
    name,
    service: lines([
      '# Written by landfall standby; "landfall standby PLAN uninstall" takes it away.',
      '[Unit]',
      `Description=landfall keeps the copies of ${specifiers(evacuation)} fresh`,
      // The manager of a user knows no such target.
      ...(system ? ['Wants=network-online.target', 'After=network-online.target'] : []),
      '',
      '[Service]',
      'Type=oneshot',
      // A full pass may take a day; landfall has limits of its own.
      'TimeoutStartSec=infinity',
      // The program has to be one that needs no quoting: what follows it may be anything.
      `ExecStart=/usr/bin/env ${argv.map(systemdWord).join(' ')}`,
      ...(envFile === undefined ? [] : [`EnvironmentFile=${specifiers(plainPath(envFile))}`]),
      // Ends in order; what runs on the hosts goes on and is found again.
      'KillSignal=SIGTERM',
      'KillMode=mixed',
      'TimeoutStopSec=120',
      'UMask=0077',
    ]),
    timer: lines([
      '# Written by landfall standby; "landfall standby PLAN uninstall" takes it away.',
      '[Unit]',
      `Description=landfall keeps the copies of ${specifiers(evacuation)} fresh`,
      '',
      '[Timer]',
      'OnActiveSec=5s',
      'OnBootSec=2min',
      `OnUnitInactiveSec=${Math.max(1, Math.round(everySeconds))}s`,
      'AccuracySec=5s',
      '',
      '[Install]',
      'WantedBy=timers.target',
    ]),
  };
}

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`;

/**
 * One word of ExecStart: in double quotes with the escapes of systemd.syntax(7), and with the specifiers and variables of
 * systemd.unit(5) and systemd.service(5) taken literally.
 */
export function systemdWord(word: string): string {
  const escaped = printable(word)
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('%', '%%')
    .replaceAll('$', () => '$$');
  return `"${escaped}"`;
}

const specifiers = (text: string): string => text.replaceAll('%', '%%');

function printable(word: string): string {
  if (!/[\u0000-\u001f\u007f]/.test(word)) return word;
  throw new LandfallError('usage', {
    what: 'a path with a control character in it cannot stand in a unit file or a crontab',
    next: ['rename the file, or run landfall from another directory'],
  });
}

/** Unlike a command this is taken as it stands, to the end of the line, but for blanks around it. */
function plainPath(path: string): string {
  if (printable(path).startsWith('/') && path.trim() === path) return path;
  throw new LandfallError('usage', {
    what: 'the file of variables must be named by an absolute path without blanks around it',
    next: ['name it like /etc/landfall/env'],
  });
}

/** The same for cron. What it finds is in the journal; only trouble is mailed. */
export function cronLine({ argv, everySeconds }: Pick<UnitWishes, 'argv' | 'everySeconds'>): string {
  const minutes = Math.max(1, Math.floor(everySeconds / 60));
  const when = minutes < 60 ? `*/${minutes} * * * *` : `7 */${Math.min(23, Math.floor(minutes / 60))} * * *`;
  // An unescaped percent sign ends the command there.
  return `${when} ${formatArgv(argv.map(printable)).replaceAll('%', '\\%')} >/dev/null`;
}
