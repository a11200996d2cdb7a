import { expect, it } from 'vitest';
import { readSoftware } from '../../../../src/inventory/survey/software.ts';
import { readPeers, readSurroundings } from '../../../../src/inventory/survey/surroundings.ts';
import { answersOf } from './answers.ts';

/** A list that was cut, or that nobody could take, is told as such: an empty or a short one reads as all there is. */

const lines = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => `${line(at)}\n`).join('');

it('what is beyond the bounds of a list is told, not dropped in silence', () => {
  const answers = answersOf({
    'survey-user': '0\n',
    'peers:1': lines(450, at => `out\ttcp\t10.1.${at >> 8}.${at & 255}\t443\t\t`),
    upstreams: lines(600, at => `dns\th${at}.example\t\t/etc/resolv.conf\t1`),
    'hard-addresses': lines(2000, at => `/etc/x\t${at + 1}\t10.1.0.9\t`),
    'shares:mounted': lines(600, at => `mount\t/mnt/${at}\tnfs4\tnas:/e${at}\t`),
  });
  expect(readPeers(answers)?.peers).toHaveLength(400);
  readSurroundings(answers);
  for (const about of [
    'other ends',
    'configured to use',
    'configuration files',
    'file systems of other servers',
  ])
    expect(
      answers.gaps.filter(({ what, why }) => what.includes(about) && why === 'cut-short'),
      about,
    ).toHaveLength(1);
});

it('containers that users run for themselves are told beside those of root', () => {
  const store = '[{"names":["shop"],"image":"b","metadata":"{}"}]';
  const { containers } = readSoftware(
    answersOf({
      ...{ 'survey-user': '0\n', 'containers:state': 'podman asked\n' },
      'containers:podman': '["root-db","postgres","running","",{},[]]\n',
      'containers:podman-files': `@@ /home/anna/.local/share\n${store}\n`,
    }),
  );
  expect(containers?.map(({ name }) => name)).toEqual(['root-db', 'shop']);
});

it('without root nobody says that users run no containers', () => {
  const answers = answersOf({
    'survey-user': '1000\n',
    'containers:state': '\n',
    'containers:podman-files': '\n',
  });
  readSoftware(answers);
  expect(answers.gaps).toContainEqual(
    expect.objectContaining({ what: 'containers that users run for themselves', why: 'needs-root' }),
  );
});
