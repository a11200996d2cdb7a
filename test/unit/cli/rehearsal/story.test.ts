import { expect, test } from 'vitest';
import { checklistOf, isOrdered } from '../../../../src/checklist/index.ts';
import { type Story as Kind, type Move, nextMove } from '../../../../src/cli/rehearsal/story.ts';
import { createZone } from '../../../../src/cli/rehearsal/zone.ts';
import { tryOrder } from '../../../../src/evacuation/engine/desk.ts';
import { machinePlan, planOf, Story } from '../../../support/state.ts';

const plan = planOf({
  lab: true,
  rehearsal: true,
  machines: { web1: machinePlan(), db1: machinePlan() },
  contacts: [{ name: 'Lab Engineer', role: 'on shift', phone: '1' }],
  dns: [{ name: 'www.lab.invalid', from: '10.0.0.1', to: '10.1.0.1', ttl: '60s' }],
  cutover: {
    decides: 'Lab Engineer',
    tell: ['everybody'],
    by_hand: [{ title: 'put a sign up', at: 'before', undo: 'take it away' }],
  },
});

const MOST = 80;

/** Plays a story as the lab and its engine would, every order through the desk; answers the moves. */
function play(kind: Kind): { readonly moves: Move[]; readonly story: Story } {
  const story = new Story(plan).begin().build('web1').build('db1');
  const moves: Move[] = [];
  for (let count = 0; count < MOST; count += 1) {
    story.wait(1000);
    runWhatCan(story);
    const move = nextMove(kind, story.view, story.now);
    moves.push(move);
    if (move.kind === 'order') order(story, move.command);
    else if (move.kind === 'switch') order(story, { kind: 'cutover', act: 'tick', item: move.item });
    else return { moves, story };
  }
  return { moves, story };
}

function order(story: Story, command: Parameters<typeof tryOrder>[0]): void {
  const desk = { ...story.view, now: story.now, by: 'lab', steps: [] };
  story.tell(...tryOrder(command, desk).events);
}

/** What landfall itself would do now: every item that is ordered and due, and in an abort all that was done. */
function runWhatCan(story: Story): void {
  for (;;) {
    const { cutover } = story.state;
    if (cutover === undefined || cutover.ended !== undefined) return;
    const list = checklistOf(story.view, story.now);
    if (cutover.aborted !== undefined) {
      const done = list.items.filter(
        ({ status, deed }) => status === 'done' && deed !== undefined && deed !== 'gates',
      );
      for (const { id } of done)
        story.tell({ type: 'cutover.item', item: id, outcome: 'undone', how: 'ran', evidence: [] });
      const isOwed = list.items.some(
        ({ status, rollback, deed }) => status === 'done' && deed === undefined && rollback.length > 0,
      );
      if (!isOwed)
        story.tell({ type: 'cutover.ended', outcome: 'rolled-back', startedAt: cutover.startedAt, lost: [] });
      return;
    }
    const behind = new Set(
      list.items.flatMap(({ id, status }) => (status === 'done' || status === 'skipped' ? [id] : [])),
    );
    const due = list.items.find(
      item => !behind.has(item.id) && isOrdered(item, cutover) && item.needs.every(need => behind.has(need)),
    );
    if (due === undefined) return;
    story.tell({ type: 'cutover.item', item: due.id, outcome: 'done', how: 'ran', evidence: [] });
    if (due.deed === 'close')
      story.tell({ type: 'cutover.ended', outcome: 'committed', startedAt: cutover.startedAt, lost: [] });
  }
}

const acts = (moves: readonly Move[]): string[] =>
  moves.map(move => (move.kind === 'order' ? move.command.act : move.kind));

test('the whole way: every order is one that the desk takes, and the cutover comes to its end', () => {
  const { moves, story } = play('cutover');
  expect(moves.at(-1)).toEqual({ kind: 'over' });
  expect(story.state.cutover?.ended?.outcome).toBe('committed');
  expect(acts(moves).filter(act => act === 'no-return')).toHaveLength(1);
  expect(acts(moves)).toContain('switch');
  expect(story.state.cutover).toMatchObject({ rehearse: true, dark: false });
});

test('the abort comes when every standby is up, and before the line', () => {
  const { moves, story } = play('abort');
  expect(acts(moves)).toContain('abort');
  expect(acts(moves)).not.toContain('no-return');
  expect(story.state.cutover?.items['bring-up/web1']?.outcome).toBe('undone');
  expect(story.state.cutover?.ended?.outcome).toBe('rolled-back');
  expect(moves.at(-1)).toEqual({ kind: 'next-pass' });
});

test('without the source nothing is asked of it', () => {
  const { story } = play('site-lost');
  expect(story.state.cutover).toMatchObject({ dark: true, ended: { outcome: 'committed' } });
  expect(
    Object.keys(story.state.cutover?.items ?? {}).filter(id => /^(?:quiet|last-copy|power-off)/.test(id)),
  ).toEqual([]);
});

test('what failed is told, not tried for ever', () => {
  const story = new Story(plan).begin().build('web1').build('db1');
  order(story, { kind: 'cutover', act: 'begin', confirm: plan.name, rehearse: true, reason: 'a test' });
  story.wait(1).tell(
    { type: 'step.started', step: 'cutover/web1/quiet', phase: 'cutover', attempt: 1 },
    {
      ...{ type: 'step.failed', step: 'cutover/web1/quiet', phase: 'cutover', attempts: 1 },
      error: { code: 'cutover.not-quiet', family: 'act', what: 'cron does not stop', next: ['stop it'] },
    },
  );
  expect(nextMove('cutover', story.view, story.now)).toEqual({
    kind: 'stuck',
    items: ['quiet/web1'],
    why: ['quiet/web1: cron does not stop', 'stop it'],
  });
});

test('the zone of the lab answers as the plan says, and otherwise once a record was changed', async () => {
  const zone = createZone(plan);
  expect(await zone.resolve('www.lab.invalid', 'A')).toEqual({ answers: ['10.0.0.1'], ttl: 60 });
  zone.change('www.lab.invalid');
  expect(await zone.resolve('www.lab.invalid', 'A')).toMatchObject({ answers: ['10.1.0.1'] });
  await expect(zone.resolve('example.com', 'A')).rejects.toMatchObject({ code: 'ENOTFOUND' });
});
