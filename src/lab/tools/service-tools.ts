import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { mapPath } from '../hosts/mounts.ts';
import { answer, refusal, type SimHost, type World } from '../world/world.ts';
import type { Tool } from './tool-box.ts';

/** systemctl, journalctl and the tools that ask a running service. */

const UNITS = '/etc/systemd/system';

/** Units that a link in a `.wants` directory starts at boot, with the target that wants them. */
export function wantedUnits(etcSystemd: string): { readonly unit: string; readonly by: string }[] {
  if (!existsSync(etcSystemd)) return [];
  return readdirSync(etcSystemd)
    .filter(name => name.endsWith('.wants'))
    .flatMap(wants =>
      readdirSync(path.join(etcSystemd, wants)).map(unit => ({ unit, by: wants.slice(0, -'.wants'.length) })),
    )
    .sort((a, b) => (a.unit < b.unit ? -1 : 1));
}

export function isMasked(etcSystemd: string, unit: string): boolean {
  const file = path.join(etcSystemd, unit);
  const stat = lstatSync(file, { throwIfNoEntry: false });
  return stat?.isSymbolicLink() === true && readlinkSync(file) === '/dev/null';
}

export function serviceTools(world: World): Readonly<Record<string, Tool>> {
  const unitsOf = (host: SimHost): string => mapPath(world.directory, host.mounts, UNITS);

  const systemctl: Tool = ({ args, host }) => {
    const { services, failed } = host.system;
    const quiet = args.filter(word => !['--no-pager', '--plain', '--no-legend'].includes(word)).join(' ');
    switch (quiet) {
      case 'list-units --type=service --state=running':
        return answer(
          services.map(name => `${`${name}.service`.padEnd(28)} loaded active running ${name}\n`).join(''),
        );
      case 'list-units --state=failed':
        return answer(failed.map(name => `${name}.service loaded failed failed ${name}\n`).join(''));
      case 'list-unit-files --state=enabled': {
        const units = wantedUnits(unitsOf(host)).filter(({ unit }) => !isMasked(unitsOf(host), unit));
        return answer(units.map(({ unit }) => `${unit.padEnd(40)} enabled enabled\n`).join(''));
      }
      case 'list-timers --all':
        return answer(timers(unitsOf(host)));
      case 'list-jobs':
        return answer('');
      case 'is-system-running':
        return failed.length === 0 ? answer('running\n') : answer('degraded\n', 1);
      default:
        return refusal(`Unknown command verb '${args[0] ?? ''}'.\n`);
    }
  };

  const journalctl: Tool = ({ args, host }) => {
    const unit = (args[args.indexOf('-u') + 1] ?? '').replace(/\.service$/, '');
    if (!host.system.failed.includes(unit)) return answer('-- No entries --\n');
    return answer(
      [
        `Starting ${unit}.service - ${unit}...`,
        `${unit}: /etc/default/${unit}: line 2: syntax error`,
        `${unit}.service: Main process exited, code=exited, status=1/FAILURE`,
        `${unit}.service: Failed with result 'exit-code'.`,
        `Failed to start ${unit}.service - ${unit}.`,
        '',
      ].join('\n'),
    );
  };

  const keyscan: Tool = ({ args, host }) => {
    const to = args.at(-1) ?? '';
    if (!host.system.services.includes('ssh')) return answer('', 1);
    const ssh = mapPath(world.directory, host.mounts, '/etc/ssh');
    const keys = existsSync(ssh) ? readdirSync(ssh).filter(name => name.endsWith('_key.pub')) : [];
    const lines = keys.map(name =>
      readFileSync(path.join(ssh, name), 'utf8').trim().split(/\s+/).slice(0, 2),
    );
    return answer(
      lines.map(words => `${to} ${words.join(' ')}\n`).join(''),
      0,
      lines.map(() => `# ${to}:22 SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u5\n`).join(''),
    );
  };

  return { systemctl, journalctl, 'ssh-keyscan': keyscan };
}

/** NEXT, LEFT, LAST, PASSED, UNIT and ACTIVATES of systemd 252. */
function timers(etcSystemd: string): string {
  return wantedUnits(etcSystemd)
    .filter(({ unit, by }) => by === 'timers.target' && !isMasked(etcSystemd, unit))
    .map(({ unit }) => {
      const times = 'Mon 2026-11-23 00:00:00 UTC 11h left      Sun 2026-11-22 00:00:00 UTC 13h ago      ';
      return `${times}${unit.padEnd(28)} ${unit.replace(/\.timer$/, '.service')}\n`;
    })
    .join('');
}
