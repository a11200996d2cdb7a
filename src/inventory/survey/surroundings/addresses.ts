import { canonicalIp, leadsNowhere } from '../../../foundation/ip.ts';
import { harmless } from '../../../foundation/text.ts';
import type { HardAddressFacts, SurveyFacts } from '../../../journal/facts-survey.ts';
import type { Answers } from '../learn.ts';
import { rowsOf } from './rows.ts';

const MOST = 2000;
const MOST_NAMES = 1000;

/** FILE, LINE, ADDRESS, SETTING apart by tabs. What only looks like an address is left out. */
export function parseHardAddresses(text: string): HardAddressFacts[] | undefined {
  return rowsOf(text, 3)
    ?.slice(0, MOST)
    .flatMap(([file = '', line, raw = '', setting = '']) => {
      const address = canonicalIp(raw);
      if (address === undefined || leadsNowhere(address) || !/^[1-9]\d{0,8}$/.test(line ?? '')) return [];
      return [
        {
          ...{ file: harmless(file.slice(0, 300)), line: Number(line), address },
          ...(/^[A-Za-z][A-Za-z0-9_.-]{0,59}$/.test(setting) ? { setting } : {}),
        },
      ];
    });
}

type StaticNames = NonNullable<SurveyFacts['staticNames']>;

/** Lines of /etc/hosts: an address and its names; `own` is what the machine calls itself. */
export function parseStaticNames(text: string, own: string): StaticNames | undefined {
  const lines = text.split('\n').filter(line => line.trim() !== '');
  const read = lines.map(line => {
    const [raw = '', ...names] = line.trim().split(/\s+/);
    return {
      address: canonicalIp(raw),
      names: names.map(name => harmless(name.slice(0, 253)).toLowerCase()),
    };
  });
  if (lines.length > 0 && read.every(({ address }) => address === undefined)) return undefined;
  return read
    .flatMap(({ address, names }) =>
      address === undefined || leadsNowhere(address) || names.length === 0 || isOwn(names, own)
        ? []
        : [{ address, names: names.slice(0, 16) }],
    )
    .slice(0, MOST_NAMES);
}

const isOwn = (names: readonly string[], own: string): boolean =>
  own !== '' && names.some(name => name === own || name.startsWith(`${own}.`));

export function readAddresses(answers: Answers): Pick<SurveyFacts, 'hardAddresses' | 'staticNames'> {
  const hardAddresses = answers.learn(
    'addresses that stand in configuration files',
    'hard-addresses',
    parseHardAddresses,
  );
  // The host stops there, too: so many lines are as many as it was let tell.
  if ((answers.text('hard-addresses')?.match(/\n/g)?.length ?? 0) >= MOST)
    answers.gap(`addresses in configuration files beyond the ${MOST} that are kept`, 'cut-short');
  if (hardAddresses !== undefined && answers.text('survey-user')?.trim() !== '0')
    answers.gap('addresses in configuration files that only root may read', 'needs-root');
  const own = (answers.text('hostname') ?? '').trim().toLowerCase().split('.')[0] ?? '';
  const staticNames = answers.learn('names in /etc/hosts', 'static-names', text =>
    parseStaticNames(text, own),
  );
  return {
    ...(hardAddresses === undefined ? {} : { hardAddresses }),
    ...(staticNames === undefined ? {} : { staticNames }),
  };
}
