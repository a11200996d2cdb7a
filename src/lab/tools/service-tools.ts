import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { mapPath } from '../hosts/mounts.ts';
import { isMasked, switchUnit, UNITS, type Unit, unitsOf, wantedUnits } from '../hosts/units.ts';
import { type Answer, answer, refusal, type SimHost, type World } from '../world/world.ts';
import type { Tool } from './tool-box.ts';

/** systemctl, journalctl and the tools that ask a running service. */

export function serviceTools(world: World): Readonly<Record<string, Tool>> {
  const unitsIn = (host: SimHost): string => mapPath(world.directory, host.mounts, UNITS);

  const systemctl: Tool = async ({ args, host }) => {
    const { failed } = host.system;
    const quiet = args.filter(word => !QUIET.includes(word));
    switch (quiet.join(' ')) {
      case 'list-unit-files --state=enabled': {
        const units = wantedUnits(unitsIn(host)).filter(({ unit }) => !isMasked(unitsIn(host), unit));
        return answer(units.map(({ unit }) => `${unit.padEnd(40)} enabled enabled\n`).join(''));
      }
      case 'list-timers':
        return answer(timers(unitsIn(host), host.system.stopped ?? []));
      case 'list-jobs':
        return answer('');
      case 'is-system-running':
        return failed.length === 0 ? answer('running\n') : answer('degraded\n', 1);
    }
    const [verb = '', ...words] = quiet;
    const names = words.map(name => (/\.[a-z]+$/.test(name) ? name : `${name}.service`));
    switch (verb) {
      case 'list-units':
        return listUnits(unitsOf(world, host), words);
      case 'is-active':
        return isActive(unitsOf(world, host), names);
      case 'start':
      case 'stop':
        return turn(world, host, verb, names);
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
function timers(etcSystemd: string, stopped: readonly string[]): string {
  return wantedUnits(etcSystemd)
    .filter(
      ({ unit, by }) => by === 'timers.target' && !isMasked(etcSystemd, unit) && !stopped.includes(unit),
    )
    .map(({ unit }) => {
      const times = 'Mon 2026-11-23 00:00:00 UTC 11h left      Sun 2026-11-22 00:00:00 UTC 13h ago      ';
      return `${times}${unit.padEnd(28)} ${unit.replace(/\.timer$/, '.service')}\n`;
    })
    .join('');
}

/** They change how it is printed, and the lab prints it the plain way. */
const QUIET = ['--no-pager', '--plain', '--no-legend', '--full', '--all', '--quiet'];

function listUnits(units: readonly Unit[], words: readonly string[]): Answer {
  const wanted = new Map<string, readonly string[]>();
  for (const word of words) {
    const [, option = '', list = ''] = /^--(type|state)=(.+)$/.exec(word) ?? [];
    if (option === '') return refusal(`systemctl: unrecognized option '${word}'\n`);
    wanted.set(option, list.split(','));
  }
  const ends = wanted.get('type');
  const states = wanted.get('state') ?? ['active', 'failed'];
  const shown = units.filter(
    ({ name, state, sub }) =>
      (ends?.some(end => name.endsWith(`.${end}`)) ?? true) &&
      states.some(known => known === state || known === sub),
  );
  return answer(
    shown
      .map(({ name, state, sub }) => {
        const title = name.replace(/\.service$/, '');
        return `${name.padEnd(28)} loaded ${state} ${sub} ${title}\n`;
      })
      .join(''),
  );
}

function isActive(units: readonly Unit[], names: readonly string[]): Answer {
  const states = names.map(name => units.find(unit => unit.name === name)?.state ?? 'inactive');
  const text = states.map(state => `${state}\n`).join('');
  return answer(text, states.every(state => state === 'active') ? 0 : 3);
}

async function turn(
  world: World,
  host: SimHost,
  verb: 'start' | 'stop',
  names: readonly string[],
): Promise<Answer> {
  const known = unitsOf(world, host).map(({ name }) => name);
  const unknown = names.find(name => !known.includes(name));
  if (unknown !== undefined) {
    return refusal(
      `Failed to ${verb} ${unknown}: Unit ${unknown} not ${verb === 'stop' ? 'loaded' : 'found'}.\n`,
      5,
    );
  }
  for (const name of names) switchUnit(world, host, name, verb === 'start');
  await world.settled(host.id);
  return answer('');
}
