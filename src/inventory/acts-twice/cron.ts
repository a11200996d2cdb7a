import { harmless } from '../../foundation/text.ts';
import type { ActsTwiceFacts } from '../../journal/facts.ts';
import { isHousekeepingCron } from './known-units.ts';

/** Tables with a column for the user whose command it is; a table below /var/spool belongs to its user by name. */
const SYSTEM_TABLE = /^\/etc\//;
const SHOWN_COMMANDS = 3;

/** One fact for each table: when, and which programs. Arguments may be secrets, so that no argument is told. */
export function cronTables(text: string): ActsTwiceFacts[] {
  const tables = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const tab = line.indexOf('\t');
    if (tab < 0) continue;
    const file = harmless(line.slice(0, tab));
    const told = commandOf(line.slice(tab + 1).trim(), SYSTEM_TABLE.test(file));
    if (told === undefined || isHousekeepingCron(baseName(file))) continue;
    tables.set(file, [...(tables.get(file) ?? []), told]);
  }
  return [...tables].map(([file, commands]) => ({
    kind: 'cron',
    name: file,
    file,
    detail: [
      ...commands.slice(0, SHOWN_COMMANDS),
      ...(commands.length > SHOWN_COMMANDS ? [`and ${commands.length - SHOWN_COMMANDS} more`] : []),
    ].join('; '),
  }));
}

/** Scripts in `/etc/cron.daily` and its sisters. */
export function cronParts(text: string): ActsTwiceFacts[] {
  return text.split('\n').flatMap(line => {
    const [, file, period, name] =
      /^[^\t]*?(\/etc\/cron\.(hourly|daily|weekly|monthly)\/([^/\t]+))$/.exec(line) ?? [];
    // run-parts takes no name with a dot in it (but Red Hat's takes .cron).
    if (file === undefined || period === undefined || name === undefined) return [];
    if (isHousekeepingCron(name) || /\.(?:dpkg-\w+|rpm\w+|bak|disabled)$|~$/.test(name)) return [];
    const isUpdater = /^(?:apt-compat|apt|unattended-upgrades|yum-cron|0yum-daily\.cron|dnf-automatic)$/.test(
      name,
    );
    return [
      {
        kind: isUpdater ? 'update' : 'cron',
        name: harmless(file),
        file: harmless(file),
        detail: PERIODS[period] ?? period,
      },
    ];
  });
}

const PERIODS: Readonly<Record<string, string>> = {
  hourly: 'every hour',
  daily: 'every day',
  weekly: 'every week',
  monthly: 'every month',
};

/** `30 2 * * * root cd /srv && /usr/local/bin/backup -p secret` as `30 2 * * * root: /usr/local/bin/backup`. */
function commandOf(line: string, hasUser: boolean): string | undefined {
  const schedule = /^(@\w+|(?:\S+\s+){4}\S+)\s+(.*)$/.exec(line);
  const [, when, rest] = schedule ?? [];
  if (when === undefined || rest === undefined) return undefined;
  const [, user, command] = hasUser ? (/^(\S+)\s+(.*)$/.exec(rest) ?? []) : [undefined, undefined, rest];
  if (command === undefined) return undefined;
  const programs = programsOf(command);
  // The tables that only start cron.daily and its sisters: their scripts are told by themselves.
  if (programs.length > 0 && programs.every(program => /^(?:.*\/)?(?:run-parts|anacron)$/.test(program)))
    return undefined;
  const who = user === undefined ? '' : ` ${user}`;
  const told = `${when.replace(/\s+/g, ' ')}${who}: ${programs.join(', ') || 'a command'}`;
  return harmless(told).slice(0, LONGEST_DETAIL);
}

const LONGEST_DETAIL = 160;

/** Words that only prepare or wrap the program that is meant. */
const WRAPPERS =
  /^(?:cd|test|\[|\[\[|if|then|else|fi|command|exec|nice|ionice|chronic|env|sudo|sh|bash|timeout|flock|sleep|true|false|:|!|\(|\{|run-one|nohup|setsid|chpst|systemd-cat|perl|\d+[smh]?)$/;

/** The programs of a command line: a path, or the first plain word of each part. No option, no argument. */
export function programsOf(command: string): string[] {
  const found: string[] = [];
  // A percent sign ends the command of a cron table; what follows is its input.
  for (const part of (command.split(/(?<!\\)%/)[0] ?? '').split(/&&|\|\||[;|&\n]/)) {
    const words = part.split(/[\s(){}]+/).filter(word => word !== '');
    // `[ -x /a ]` and `test -x /a` only ask.
    if (/^(?:test|\[|\[\[|cd|command)$/.test(words[0] ?? '')) continue;
    const program = words.find(
      word => !WRAPPERS.test(baseName(word)) && !word.startsWith('-') && !/^[A-Za-z_]\w*=/.test(word),
    );
    if (program !== undefined && /^[A-Za-z0-9_./~$-]+$/.test(program) && !found.includes(program))
      found.push(program);
  }
  return found.slice(0, SHOWN_COMMANDS);
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
