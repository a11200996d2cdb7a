import { execa } from 'execa';
import { expect, it } from 'vitest';
import { surveyCommand } from '../../../src/inventory/collector/collector.ts';
import { readGuest } from '../../../src/inventory/guest/guest.ts';
import { decodeSections } from '../../../src/inventory/guest/sections.ts';
import { readSurvey } from '../../../src/inventory/survey/survey.ts';
import { MOUNTED, parseFindmnt } from '../../../src/tools/mounts.ts';
import { amongHungShares, canHangShares, HUNG_PLACES } from '../../support/hung-share.ts';

/** It takes root, mount namespaces and FUSE; elsewhere these tests show as skipped. */
const canHang = await canHangShares();

/** What a question that was ended for taking too long leaves as its exit code. */
const ENDED = [124, 137];

it.runIf(canHang)(
  'no question waits for a share whose server is dead, and the share is told',
  async () => {
    const [file, words] = amongHungShares(surveyCommand());
    const { stdout } = await execa(file, words);
    const sections = decodeSections(stdout, 'here');
    expect([...sections].filter(([, { rc }]) => ENDED.includes(rc)).map(([name]) => name)).toEqual([]);
    expect(sections.get('survey-end')?.rc).toBe(0);
    const { facts } = readGuest(sections, 'here');
    expect(facts.fileSystems.find(({ mountpoint }) => mountpoint === '/')?.used).toBeGreaterThan(0);
    const { survey } = readSurvey(sections);
    for (const mountpoint of HUNG_PLACES)
      expect(survey.shares).toContainEqual(
        expect.objectContaining({
          ...{ mountpoint, type: 'fuse.sshfs', server: 'nas.miami.example', state: 'mounted' },
          undocumented: true,
        }),
      );
  },
  60_000,
);

it.runIf(canHang)('what is asked before each pass does not wait for it either', async () => {
  const [file, words] = amongHungShares(['timeout', '20', ...MOUNTED]);
  const { stdout, exitCode } = await execa(file, words);
  expect(exitCode).toBe(0);
  expect(parseFindmnt(stdout)?.map(({ target }) => target)).toEqual(expect.arrayContaining([...HUNG_PLACES]));
});
