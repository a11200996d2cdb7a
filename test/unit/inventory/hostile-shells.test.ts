import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { surveyCommand } from '../../../src/inventory/collector/collector.ts';
import { readGuest } from '../../../src/inventory/guest/guest.ts';
import { decodeSections } from '../../../src/inventory/guest/sections.ts';
import { readSurvey } from '../../../src/inventory/survey/survey.ts';

/** What is not installed here is not tried: busybox is in the package busybox-static. */
const SHELLS = [['dash'], ['bash'], ['busybox', 'sh']].filter(([program = '']) =>
  ['/bin', '/usr/bin'].some(directory => existsSync(`${directory}/${program}`)),
);

/** What one shell brings home, as far as it does not move by itself. busybox asks its own tools, which answer in other words. */
async function factsBy(shell: readonly string[]) {
  const [, ...words] = surveyCommand();
  const [program = 'sh', ...before] = shell;
  const { stdout } = await execa(program, [...before, ...words]);
  const sections = decodeSections(stdout, 'here');
  const { facts, rsync } = readGuest(sections, 'here');
  const { survey } = readSurvey(sections);
  return {
    whole: sections.has('survey-end'),
    addresses: facts.addresses,
    os: facts.os,
    blocks: facts.blocks,
    mounted: facts.fileSystems.map(({ mountpoint, device, type }) => [mountpoint, device, type]),
    rsync: rsync?.version,
    known: Object.keys(survey).toSorted(),
    gaps: survey.gaps.map(({ what, why }) => `${what}: ${why}`).toSorted(),
    packages: survey.packages,
    names: survey.staticNames,
  };
}

it('brings the same facts home by whatever shell the host has', async () => {
  const [first, ...others] = SHELLS;
  if (first === undefined) throw new Error('this machine has no shell');
  const expected = await factsBy(first);
  expect(expected.whole).toBe(true);
  for (const shell of others) expect({ shell, ...(await factsBy(shell)) }).toEqual({ shell, ...expected });
}, 120_000);
