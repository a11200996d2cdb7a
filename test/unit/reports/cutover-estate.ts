import { type Gate, gate } from '../../../src/readiness/gate.ts';
import { createHistory } from '../../../src/reports/history.ts';
import { type ReportOptions, reportOf } from '../../../src/reports/model.ts';
import type { Report } from '../../../src/reports/shape.ts';
import { HOUR, MINUTE, machinePlan, planOf, Story } from '../../support/state.ts';

/** An evacuation of two machines and a database that is ready, and a cutover that can be told on from there. */
export function readyEstate(plan = shopPlan()): Story {
  return new Story(plan)
    .begin('sha256:4f2a91c3d5')
    .ready('db1')
    .ready('web1')
    .wait(10 * MINUTE);
}

export function shopPlan(overrides: Parameters<typeof planOf>[0] = {}) {
  const connection = { address: 'sql1', user: 'repl', password: 'env:SQL_PASSWORD' };
  return planOf({
    contacts: [
      { name: 'Dana', role: 'lead engineer', phone: '+1 305 555 0100' },
      { name: 'Ravi', role: 'database administrator', email: 'ravi@example.com' },
    ],
    machines: {
      db1: machinePlan({ owner: 'data team' }),
      web1: machinePlan({
        tier: 'normal',
        owner: 'web team',
        after: ['db1'],
        address_after: '10.30.0.80',
        checks: [{ tcp: 443 }, { http: 'http://localhost/health', expect: 'ok' }],
      }),
    },
    databases: { Orders: { tier: 'critical', publisher: connection, subscriber: connection } },
    dns: [
      {
        name: 'www.example.com',
        from: '10.20.0.80',
        to: '10.30.0.80',
        ttl: '1h',
        provider: 'the DNS console',
        change: 'set www to 10.30.0.80',
        owner: 'web team',
      },
    ],
    cutover: {
      decides: 'Dana',
      when: ['the storm is 24 hours out and the track has not changed'],
      tell: ['the help desk'],
      by_hand: [{ title: 'Move the public prefix', at: 'final', command: 'call the carrier', allow: '20m' }],
    },
    ...overrides,
  });
}

/** Told on: the cutover has begun, web1 is quiet, people have decided. */
export function midCutover(): Story {
  const story = readyEstate();
  const item = (id: string, ms: number, how: 'ran' | 'ticked' = 'ran') =>
    story.wait(ms).tell({
      type: 'cutover.item',
      item: id,
      outcome: 'done',
      how,
      ...(how === 'ran' ? { startedAt: story.now - ms } : {}),
      evidence: ['as expected'],
    });
  story.tell({
    type: 'cutover.begun',
    rehearse: false,
    dark: false,
    planHash: 'sha256:4f2a91c3d5',
    confirmed: 'miami-to-dallas',
    open: [],
  });
  item('gates', 1000);
  item('activate/decision', MINUTE, 'ticked');
  item('activate/people', 5 * MINUTE, 'ticked');
  story.tell({
    type: 'cutover.item',
    item: 'activate/ttl/www.example.com',
    outcome: 'skipped',
    how: 'ticked',
    evidence: [],
    reason: 'lowered yesterday',
  });
  story.tell({ type: 'cutover.quieting', machine: 'web1', units: ['nginx.service'] });
  story.wait(20e3).tell({ type: 'cutover.quiet', machine: 'web1', units: ['nginx.service'] });
  item('quiet/web1', 30e3);
  return story;
}

/** Earlier rehearsals of two steps. */
export const TIMINGS = {
  'quiet/web1': [
    { ms: 20e3, at: Date.UTC(2026, 10, 18, 9), evacuation: 'rehearsal-1', rehearsal: true },
    { ms: 25e3, at: Date.UTC(2026, 10, 20, 9), evacuation: 'rehearsal-2', rehearsal: true },
  ],
  'bring-up/web1': [
    { ms: 3 * MINUTE, at: Date.UTC(2026, 10, 20, 9), evacuation: 'rehearsal-2', rehearsal: true },
  ],
} as const;

/** The one model with everything that documents can be made of, as the command line makes it. */
export function fullReportOf(story: Story, options: ReportOptions = {}, now = story.now): Report {
  const history = createHistory();
  for (const event of story.events) history.add(event);
  return reportOf(story.view, now, {
    triage: true,
    history: history.report(now),
    checklist: { timings: TIMINGS },
    ...options,
  });
}

/**
 * The same with judgements that stay as they are: golden files show how documents are printed, and do not change with
 * every gate that is added.
 */
export function settled(report: Report): Report {
  const judged = (scope: Gate['scope'], subject: string): Gate[] => [
    gate(scope, subject, {
      check: 'example',
      title: 'The last thing that anybody looked at holds',
      severity: 'critical',
      verdict: subject === 'web1' ? 'fail' : 'pass',
      evidence: ['it was looked at'],
      checkByHand: `ssh ${subject} uptime`,
      remedy: 'look again: landfall status miami-to-dallas',
      costOfIgnoring: 'nobody knows',
    }),
  ];
  const entries = (report.recovery?.entries ?? []).map(each => ({
    ...each,
    dependsOn: ['db1 :5432 by socket'],
    neededBy: [],
    open: each.name === 'web1' ? ['nobody has settled this'] : [],
  }));
  return {
    ...report,
    recovery: { entries },
    verdict: {
      overall: 'not-ready',
      line: 'READY 2 of 3 · 1 blocked · verdict: NOT READY',
      words: 'NOT READY',
      ready: 2,
      of: 3,
      blocked: 1,
      unproven: 0,
      warnings: 0,
    },
    next: [],
    notCovered: [],
    checks: [],
    gates: judged('evacuation', 'miami-to-dallas'),
    machines: report.machines.map(each => ({
      ...each,
      verdict: each.name === 'web1' ? 'not-ready' : 'ready',
      gates: judged('machine', each.name),
      makesIt: { machine: each.name, verdict: 'will-make-it', why: 'it was looked at' },
    })),
    databases: report.databases.map(each => ({
      ...each,
      verdict: 'ready',
      gates: judged('database', each.name),
    })),
    triage: {
      rows: [
        {
          name: 'web1',
          kind: 'machine',
          priority: 2,
          verdict: 'at-risk',
          why: 'it was looked at',
          place: 1,
          spareMs: -HOUR,
        },
      ],
      order: ['web1'],
      rate: { bytesPerSecond: 12.5e6, from: 'measured' },
      savers: [
        {
          kind: 'rate',
          words: '220 Mbit/s more would save web1',
          saves: ['web1'],
          costs: [],
          action: 'raise the limit: landfall throttle miami-to-dallas 320 Mbit/s',
        },
      ],
      line: '2 make it · 1 at risk',
      exact: true,
    },
  };
}

export { HOUR, MINUTE };
