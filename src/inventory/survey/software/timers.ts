import type { ScheduleFacts } from '../../../journal/facts-survey.ts';
import { isHousekeepingTimer } from '../../acts-twice/known-units.ts';
import type { Answers } from '../learn.ts';
import { withheld } from '../withheld.ts';
import { shown } from './rows.ts';

/** Timers of systemd with what they start; undefined where the machine was not asked. A machine without systemd has none. */
export function readTimers(answers: Answers): ScheduleFacts[] | undefined {
  const units = answers.learn('timers', 'timer-units', timersOf, 'systemctl show "*.timer"');
  if (units !== undefined && units.length > 0) return units;
  const list = answers.text('timers');
  return list === undefined ? units : listed(list);
}

/** Blocks of `systemctl show`: the timers, a line `@ services`, and what they start. */
function timersOf(text: string): ScheduleFacts[] {
  const [timers = '', services = ''] = text.split(/^@ services$/m);
  const started = new Map(blocks(services).map(block => [block.get('Id')?.[0] ?? '', block]));
  return blocks(timers).flatMap(block => {
    const [id] = block.get('Id') ?? [];
    const [unit = ''] = block.get('Unit') ?? [];
    if (id === undefined || !id.endsWith('.timer') || isHousekeepingTimer(id)) return [];
    const service = started.get(unit);
    const [user] = service?.get('User') ?? [];
    const commands = (service?.get('ExecStart') ?? []).map(withheld).join('; ');
    return [
      {
        ...{ kind: 'timer', where: shown(id), when: whenOf(block) },
        ...(user === undefined || user === '' ? {} : { user: shown(user, 64) }),
        what: shown(commands === '' ? unit : commands, 500),
      },
    ];
  });
}

/** `{ OnCalendar=*-*-* 06:00:00 ; next_elapse=… }`, of which there may be several; in older systems in one line. */
function whenOf(block: ReadonlyMap<string, string[]>): string {
  const text = [...(block.get('TimersCalendar') ?? []), ...(block.get('TimersMonotonic') ?? [])].join(' ');
  const times = [...text.matchAll(/\{ (On\w+)=(.*?) ; next_elapse=/g)].map(
    ([, name = '', value = '']) => `${name.replace(/USec$/, 'Sec')}=${value}`,
  );
  return shown(times.join(', ') || 'as its unit says');
}

function blocks(text: string): Map<string, string[]>[] {
  return text.split(/\n\s*\n/).map(block => {
    const members = new Map<string, string[]>();
    for (const line of block.split('\n')) {
      const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
      if (key !== undefined && value !== undefined) members.set(key, [...(members.get(key) ?? []), value]);
    }
    return members;
  });
}

/** The last two columns of `systemctl list-timers`: the timer and what it starts. */
function listed(text: string): ScheduleFacts[] {
  return text.split('\n').flatMap(line => {
    const [, timer, starts] = /(\S+\.timer)\s+(\S+)\s*$/.exec(line) ?? [];
    if (timer === undefined || starts === undefined || isHousekeepingTimer(timer)) return [];
    return [{ kind: 'timer', where: shown(timer), when: 'as its unit says', what: shown(starts) }];
  });
}
