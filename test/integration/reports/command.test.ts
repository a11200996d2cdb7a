import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createReportKeeper, writeReports } from '../../../src/cli/report-milestones.ts';
import type { LandfallError } from '../../../src/foundation/errors.ts';
import type { Event } from '../../../src/journal/events.ts';
import { landfall } from '../../support/cli.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { recordedEvacuation } from '../../support/recorded-evacuation.ts';

const folder = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'landfall-reports-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
};

describe('landfall report', () => {
  it('prints Markdown unless told otherwise', async () => {
    const { root } = await recordedEvacuation();
    const { code, out } = await landfall(['report', 'storm', '--state', root]);
    expect(code).toBe(0);
    expect(out).toMatch(/^# .*storm: NOT READY/);
    expect(out).toContain('## Triage: who makes it');
  });

  it('keeps the model of old for --json, with more in it', async () => {
    const { root } = await recordedEvacuation();
    const { out } = await landfall(['report', 'storm', '--json', '--state', root]);
    expect(JSON.parse(out)).toMatchObject({
      type: 'report',
      v: 1,
      evacuation: { name: 'storm' },
      verdict: { overall: expect.any(String) },
      checklist: { evacuation: 'storm', phase: 'not-begun' },
      history: { leftOut: 0 },
    });
  });

  it.each(['readiness', 'runbook', 'worksheets', 'executive', 'rehearsal', 'timeline'])(
    'makes the %s in every format',
    async kind => {
      const { root } = await recordedEvacuation();
      const asked = async (format: string): Promise<string> =>
        (await landfall(['report', 'storm', '--kind', kind, '--format', format, '--state', root])).out;
      expect(await asked('md')).toMatch(/^# /);
      expect(await asked('html')).toMatch(/^<!DOCTYPE html>/);
      expect(await asked('csv')).toMatch(/^[^\r\n]+,[^\r\n]+\r\n/);
      expect(JSON.parse(await asked('json'))).toMatchObject({ v: 1, evacuation: { name: 'storm' } });
    },
  );

  it('takes the format from the end of the file, and says what it wrote', async () => {
    const { root } = await recordedEvacuation();
    const cwd = await folder();
    const { err } = await landfall(['report', 'storm', '-k', 'runbook', '-o', 'book.html', '--state', root], {
      cwd,
    });
    expect(err).toBe(`report written to ${join(cwd, 'book.html')}\n`);
    expect(await readFile(join(cwd, 'book.html'), 'utf8')).toMatch(/^<!DOCTYPE html>/);
  });

  it('fills a binder, and a folder of sheets', async () => {
    const { root } = await recordedEvacuation();
    const cwd = await folder();
    await landfall(['report', 'storm', '-k', 'all', '-o', 'binder/', '--state', root], { cwd });
    expect(await readdir(join(cwd, 'binder'))).toEqual(
      expect.arrayContaining(['readiness.md', 'runbook.html', 'runbook.md', 'executive.md', 'timeline.html']),
    );
    await landfall(['report', 'storm', '-k', 'worksheets', '-f', 'csv', '-o', 'sheets/', '--state', root], {
      cwd,
    });
    const sheets = await readdir(join(cwd, 'sheets'));
    expect(sheets.length).toBeGreaterThan(0);
    expect(sheets.every(each => /^worksheet-[a-z0-9-]+\.csv$/.test(each))).toBe(true);
  });

  it.each([
    [['--kind', 'all'], 'need a directory'],
    [['--json', '--format', 'html'], 'contradict each other'],
    [['--kind', 'novel'], 'Allowed choices are readiness, runbook'],
    [['--check', 'nothing of the kind'], 'neither a runbook'],
  ])('refuses %j', async (words, complaint) => {
    const { root } = await recordedEvacuation();
    const { code, err } = await landfall(['report', 'storm', ...words, '--state', root]);
    expect(code).toBe(2);
    expect(err).toContain(complaint);
  });

  it('tells whether a runbook on paper is still valid', async () => {
    const { root, append } = await recordedEvacuation();
    const cwd = await folder();
    const asked = (paper: string, ...more: string[]) =>
      landfall(['report', 'storm', '--check', paper, '--state', root, ...more], { cwd });
    await landfall(['report', 'storm', '-k', 'runbook', '-o', 'book.html', '--state', root], { cwd });
    expect(await asked('book.html')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^valid: nothing/),
    });
    const [, code = ''] = /--check (\S+?)</.exec(await readFile(join(cwd, 'book.html'), 'utf8')) ?? [];
    expect(await asked(code)).toMatchObject({ code: 0 });
    await append({ type: 'mode.switched', mode: 'dark' });
    const { code: exit, out } = await asked('book.html', '--json');
    expect(exit).toBe(7);
    expect(JSON.parse(out)).toMatchObject({ type: 'paper', valid: false });
    await writeFile(join(cwd, 'other.html'), '<p>no runbook</p>');
    expect(await asked('other.html')).toMatchObject({ code: 2 });
  });

  it('has ten lines for whoever decides', async () => {
    const { root } = await recordedEvacuation();
    const { code, out } = await landfall(['status', 'storm', '--executive', '--state', root]);
    expect(code).toBe(3);
    expect(out.trimEnd().split('\n')).toHaveLength(10);
  });
});

describe('documents at milestones', () => {
  it('are written into the directory of the evacuation', async () => {
    const { root, name, directory } = await recordedEvacuation();
    await writeReports({ root, name, env: {}, clock: new ManualClock() });
    expect(await readdir(join(directory, 'reports'))).toEqual(
      expect.arrayContaining(['readiness.html', 'readiness.md', 'runbook.html', 'runbook.md']),
    );
  });

  const place = (clock: ManualClock) => ({ root: '/nowhere', name: 'storm', env: {}, clock });
  const told = (type: 'proof.requested' | 'cutover.no-return'): Event =>
    type === 'cutover.no-return'
      ? { type, confirmed: 'storm', v: 1, seq: 1, at: 0, by: 'dana' }
      : { type, machine: 'web1', reason: 'order', v: 1, seq: 1, at: 0, by: 'dana' };

  it('are written at the first, at most once a minute, and at the end where something is new', async () => {
    const clock = new ManualClock();
    let written = 0;
    const keeper = createReportKeeper(
      place(clock),
      error => {
        throw error;
      },
      async () => {
        written += 1;
      },
    );
    keeper.event(told('proof.requested'));
    expect(written).toBe(0);
    keeper.event(told('cutover.no-return'));
    keeper.event(told('cutover.no-return'));
    expect(written).toBe(1);
    await keeper.end();
    expect(written).toBe(2);
    await keeper.end();
    expect(written).toBe(2);
  });

  it('end no run where they cannot be written', async () => {
    const troubles: LandfallError[] = [];
    const keeper = createReportKeeper(place(new ManualClock()), error => troubles.push(error));
    keeper.event(told('cutover.no-return'));
    await keeper.end();
    expect(troubles.map(each => each.code)).toEqual(['state.absent']);
  });
});
