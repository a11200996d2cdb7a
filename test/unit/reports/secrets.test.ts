import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fullReport, redactorFor } from '../../../src/cli/reporting.ts';
import { removeTree } from '../../../src/foundation/remove-tree.ts';
import { REPORT_FORMATS, REPORT_KINDS, renderAll, renderReport } from '../../../src/reports/documents.ts';
import { executiveLines } from '../../../src/reports/executive.ts';
import { machinePlan } from '../../support/state.ts';
import { midCutover, readyEstate, shopPlan } from './cutover-estate.ts';

const FROM_ENV = 'Tr0ub4dor-from-env';
const FROM_FILE = 'correct-horse-from-file';
const IN_PLAN = 'hunter2-in-the-plan';
const IN_LOG = 'hunter3-in-a-log';
const IN_URL = 'hunter4-in-a-url';
const KEY = 'b3BlbnNzaC1rZXktdjEAAAAABG5vbmU';

describe('secrets', () => {
  it('that lie in the plan, on hosts or in logs reach no document in any format', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'landfall-secrets-'));
    onTestFinished(() => removeTree(folder, tmpdir()));
    const file = join(folder, 'sql');
    await writeFile(file, `${FROM_FILE}\n`, { mode: 0o600 });
    const server = (password: string) => ({ address: 'sql1', user: 'repl', password });
    const plan = shopPlan({
      machines: {
        db1: machinePlan({ owner: 'data team' }),
        web1: machinePlan({
          description: `old notes said password=${IN_PLAN}`,
          checks: [
            { command: ['mysql', `--password=${IN_PLAN}`] },
            { http: `http://admin:${IN_URL}@localhost/health` },
          ],
        }),
      },
      databases: {
        Orders: {
          tier: 'critical',
          publisher: server('env:SQL_PASSWORD'),
          subscriber: server(`file:${file}`),
        },
      },
      cutover: {
        by_hand: [{ title: 'Log in', command: `PGPASSWORD=${IN_PLAN} psql`, expect: `token: ${IN_PLAN}` }],
        when: [`when ${FROM_ENV} is typed`],
      },
      dns: [{ name: 'a.example.com', from: 'x', to: 'y', change: `curl -u admin:${FROM_FILE} provider` }],
    });
    const story = readyEstate(plan);
    for (const text of [
      `pwd=${IN_LOG}`,
      `it answered with ${FROM_ENV}`,
      `-----BEGIN OPENSSH PRIVATE KEY-----\n${KEY}\n-----END OPENSSH PRIVATE KEY-----`,
      `https://root:${IN_URL}@example.com/x`,
    ]) {
      story.tell({ type: 'note.added', text });
      story.fail('web1', { what: text, evidence: [text], next: [text] });
    }
    story.tell({
      type: 'cutover.begun',
      rehearse: false,
      dark: false,
      planHash: 'sha256:p',
      confirmed: 'x',
      open: [],
    });
    story.tell({
      type: 'cutover.item',
      item: 'activate/decision',
      outcome: 'skipped',
      how: 'ticked',
      evidence: [`secret=${IN_LOG}`],
      reason: `${FROM_ENV} said so`,
    });

    const { view, events, now } = story;
    const report = await fullReport({
      ...view,
      events,
      now,
      redactor: await redactorFor(plan, { SQL_PASSWORD: FROM_ENV }),
    });
    const texts = [
      ...REPORT_KINDS.flatMap(kind => REPORT_FORMATS.map(format => renderReport(kind, format, report) ?? '')),
      ...renderAll(report).map(each => each.text),
      executiveLines(report).join('\n'),
    ];
    expect(texts.length).toBeGreaterThan(30);
    for (const text of texts)
      for (const secret of [FROM_ENV, FROM_FILE, IN_PLAN, IN_LOG, IN_URL, KEY])
        expect(text).not.toContain(secret);
    expect(texts.join()).toContain('[redacted]');
  });

  it('take nothing else with them', async () => {
    const { view, events, now } = midCutover();
    const report = await fullReport({
      ...view,
      events,
      now,
      redactor: await redactorFor(view.plan, {}),
    });
    // Statements that make logins have a place for a password, which looks like one.
    for (const { name, text } of renderAll(report).filter(each => !each.name.startsWith('readiness.json')))
      expect(text.replace(/PASSWORD = \S+ HASHED|\[redacted\] stands where/g, ''), name).not.toContain(
        '[redacted]',
      );
  });
});
