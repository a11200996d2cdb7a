import type { ScheduleFacts } from '../../../journal/facts-survey.ts';
import { isHousekeepingCron } from '../../acts-twice/known-units.ts';
import { MAILS } from '../../collector/withhold-rules.ts';
import type { Answers } from '../learn.ts';
import { withheld } from '../withheld.ts';
import { bounded, byText, isRoot, rows, shown } from './rows.ts';
import { readTimers } from './timers.ts';

const KEPT = 300;
const LONGEST_COMMAND = 500;
const mails = new RegExp(MAILS);

/**
 * What acts by the clock, without what only tidies up the machine's own disk. Undefined where neither tables nor timers
 * could be read.
 */
export function readSchedules(answers: Answers): ScheduleFacts[] | undefined {
  const mail = readMail(answers);
  const cron = answers.learn('cron tables', 'cron', text => cronSchedules(text, mail));
  const anacron = answers.learn('the table of anacron', 'anacron', text => anacronSchedules(text, mail));
  const timers = readTimers(answers);
  const jobs = answers.learn('jobs of at', 'at-jobs', atJobs);
  if (!isRoot(answers))
    answers.gap('cron tables of users', 'needs-root', undefined, 'read /var/spool/cron as root');
  if (answers.text('at-jobs')?.includes('! needs root') === true)
    answers.gap('jobs of at', 'needs-root', undefined, 'atq as root');
  if (cron === undefined && timers === undefined) return undefined;
  const all = [...(cron ?? []), ...(anacron ?? []), ...(timers ?? []), ...(jobs ?? [])].map(sendsMail);
  return bounded(answers, 'everything that acts by the clock', all.sort(byText(keyOf)), KEPT);
}

const keyOf = ({ kind, where, when, what }: ScheduleFacts): string => [kind, where, when, what].join('\n');

/** For a table: to whom cron writes from which command on, and which commands send mail themselves. */
interface TableMail {
  readonly settings: { from: number; address: string }[];
  readonly senders: Set<number>;
}

/** `FILE<tab>N<tab>ADDRESS` and `FILE<tab>N<tab>+`. */
function readMail(answers: Answers): ReadonlyMap<string, TableMail> {
  const tables = new Map<string, TableMail>();
  const text = answers.learn('which schedules send mail', 'cron-mail', answer => answer) ?? '';
  for (const [file, number, address] of rows(text)) {
    if (file === undefined || address === undefined || !/^\d+$/.test(number ?? '')) continue;
    const table = tables.get(file) ?? { settings: [], senders: new Set<number>() };
    tables.set(file, table);
    if (address === '+') table.senders.add(Number(number));
    else table.settings.push({ from: Number(number), address: shown(address) });
  }
  return tables;
}

function mailOf(table: TableMail | undefined, at: number): Pick<ScheduleFacts, 'mails' | 'mailTo'> {
  const setting = table?.settings.filter(({ from }) => from <= at).at(-1);
  const mailTo = setting === undefined || setting.address === '' ? undefined : setting.address;
  if (mailTo !== undefined) return { mails: true, mailTo };
  return table?.senders.has(at) === true ? { mails: true } : {};
}

const PERIODS: Readonly<Record<string, string>> = {
  hourly: 'every hour',
  daily: 'every day',
  weekly: 'every week',
  monthly: 'every month',
};

/** `FILE<tab>LINE` of tables, and paths of scripts in `/etc/cron.daily` and its sisters. */
function cronSchedules(text: string, mail: ReadonlyMap<string, TableMail>): ScheduleFacts[] {
  const counts = new Map<string, number>();
  return text.split('\n').flatMap(line => {
    const tab = line.indexOf('\t');
    if (tab < 0) return partOf(line, mail);
    const file = line.slice(0, tab);
    const at = counts.get(file) ?? 0;
    counts.set(file, at + 1);
    const command = commandOf(line.slice(tab + 1).trim(), file);
    if (command === undefined || isHousekeepingCron(baseName(file))) return [];
    return [{ kind: 'cron', where: shown(file), ...command, ...mailOf(mail.get(file), at) }];
  });
}

function commandOf(line: string, file: string): Pick<ScheduleFacts, 'user' | 'when' | 'what'> | undefined {
  const [, when, rest] = /^(@\w+|(?:\S+\s+){4}\S+)\s+(\S.*)$/.exec(line) ?? [];
  if (when === undefined || rest === undefined) return undefined;
  const [, user, command] = file.startsWith('/etc/')
    ? (/^(\S+)\s+(\S.*)$/.exec(rest) ?? [])
    : ['', baseName(file), rest];
  if (user === undefined || command === undefined || startsParts(command)) return undefined;
  return {
    user: shown(user, 64),
    when: shown(when.replace(/\s+/g, ' '), 100),
    what: shown(withheld(command), LONGEST_COMMAND),
  };
}

/** The lines that only start cron.daily and its sisters: their scripts are told by themselves. */
const startsParts = (command: string): boolean =>
  /(?:^|[\s/])(?:run-parts|anacron)\b/.test(command) && !/[|]\s*[a-z]/.test(command.replaceAll('||', ''));

function partOf(line: string, mail: ReadonlyMap<string, TableMail>): ScheduleFacts[] {
  const [, file, period = '', name = ''] =
    /(\/etc\/cron\.(hourly|daily|weekly|monthly)\/([^/\t]+))$/.exec(line) ?? [];
  // run-parts takes no name with a dot in it (but Red Hat's takes .cron).
  if (file === undefined || isHousekeepingCron(name)) return [];
  if (/\.(?:dpkg-\w+|rpm\w+|bak|disabled)$|~$|^\./.test(name)) return [];
  return [
    {
      ...{ kind: 'cron', where: shown(file), user: 'root', when: PERIODS[period] ?? period },
      ...{ what: shown(file), ...mailOf(mail.get(file), 0) },
    },
  ];
}

/** `period delay name command`. */
function anacronSchedules(text: string, mail: ReadonlyMap<string, TableMail>): ScheduleFacts[] {
  const file = '/etc/anacrontab';
  return text
    .split('\n')
    .filter(line => line.trim() !== '')
    .flatMap((line, at) => {
      const [, period, command] = /^\s*(\d+|@\w+)\s+\d+\s+\S+\s+(\S.*)$/.exec(line) ?? [];
      if (period === undefined || command === undefined || startsParts(command)) return [];
      const when = period.startsWith('@') ? period : `every ${period} days`;
      const what = shown(withheld(command), LONGEST_COMMAND);
      return [{ kind: 'anacron', where: file, user: 'root', when, what, ...mailOf(mail.get(file), at) }];
    });
}

const MINUTE_MS = 60_000;

/** `FILE<tab>UID<tab>MAIL<tab>COMMAND`; the name of the file tells when: a letter, five figures, then minutes since 1970. */
function atJobs(text: string): ScheduleFacts[] {
  return rows(text).flatMap(([file = '', user = '', mail, command]) => {
    const minutes = /\/[a-zA-Z=][0-9a-f]{5}([0-9a-f]{8})$/.exec(file)?.[1];
    if (minutes === undefined || command === undefined) return [];
    return [
      {
        ...{
          kind: 'at',
          where: shown(file),
          when: new Date(parseInt(minutes, 16) * MINUTE_MS).toISOString(),
        },
        ...{
          what: shown(withheld(command), LONGEST_COMMAND),
          ...(user === '' ? {} : { user: shown(user, 64) }),
        },
        ...(mail === '1' ? { mails: true } : {}),
      },
    ];
  });
}

/** A command that names a program that sends mail. */
const sendsMail = (schedule: ScheduleFacts): ScheduleFacts =>
  schedule.mails === true || !mails.test(schedule.what.toLowerCase())
    ? schedule
    : { ...schedule, mails: true };

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
