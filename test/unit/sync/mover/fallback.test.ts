import { describe, expect, it } from 'vitest';
import { type ErrorCode, LandfallError } from '../../../../src/foundation/errors.ts';
import type { EventBody, EventOf } from '../../../../src/journal/events.ts';
import { PASSES_KEPT } from '../../../../src/journal/fold-machine.ts';
import type { PlanInput } from '../../../../src/plan/schema.ts';
import { moverOf } from '../../../../src/step/mover.ts';
import type { StepContext } from '../../../../src/step/step.ts';
import { cleanStep } from '../../../../src/sync/index.ts';
import { costsOf } from '../../../../src/sync/mover/costs.ts';
import { afterBlocks, fallBack } from '../../../../src/sync/mover/fallback.ts';
import { isMoverDue } from '../../../../src/sync/mover/index.ts';
import { nextPass } from '../../../../src/sync/plan-passes.ts';
import { factsOf } from '../../../support/recorded-host.ts';
import { HOUR, MINUTE, machinePlan, planOf, Story } from '../../../support/state.ts';

const RAW = 'vda: raw image: only qcow2 keeps track of what is written';
const failure = (code: ErrorCode = 'blocks.impossible'): LandfallError =>
  new LandfallError(code, { what: 'the blocks mover cannot move web1', evidence: [RAW], next: ['mend it'] });

const chosen = (decided: EventOf<'mover.chosen'>['decided']): EventBody => ({
  type: 'mover.chosen',
  machine: 'web1',
  mover: 'blocks',
  decided,
  reasons: ['postgres runs there'],
  against: [],
});

const story = (
  decided: EventOf<'mover.chosen'>['decided'] = 'auto',
  machine: Partial<PlanInput['machines'][string]> = {},
): Story =>
  new Story(planOf({ machines: { web1: machinePlan({ mover: 'auto', ...machine }) } }))
    .begin()
    .tell({ type: 'machine.observed', machine: 'web1', ...factsOf('debian-12'), digest: 'd1' })
    .build('web1')
    .tell(chosen(decided))
    .pass('web1', 1, { mover: 'blocks' });

const whole: EventBody = {
  type: 'replica.advanced',
  machine: 'web1',
  pass: 1,
  checkpoint: 'landfall-e-p1',
  replaced: true,
};

const outcome = (told: Story, error = failure()) => afterBlocks(told.view, 'web1', error, told.now);

const gone = new LandfallError('ssh.unreachable', { what: 'web1 does not answer', next: [] });

/** The hands of a pass: whether the machine lets in, and whether it answers on a connection from before. */
function handsOf(told: Story, letsIn: boolean, answers = letsIn): StepContext {
  const hands: Partial<StepContext> = {
    clock: { now: () => told.now, monotonic: () => 0, sleep: async () => undefined },
    emit: async event => void told.tell(event),
    host: () =>
      letsIn
        ? Promise.resolve({
            id: 'web1',
            exec: () => (answers ? Promise.resolve({ code: 0 }) : Promise.reject(gone)),
          } as unknown as Awaited<ReturnType<StepContext['host']>>)
        : Promise.reject(gone),
  };
  return { ...told.view, ...hands } as StepContext;
}

const { signal } = new AbortController();
const leave = async (): Promise<void> => undefined;
const PASS = { pass: 2, kind: 'delta', reason: 'until the passes converge' } as const;

describe('blocks that cannot go on', () => {
  it('a machine for which landfall had chosen them goes on by its files, and the journal says why', async () => {
    const told = story();
    await fallBack(handsOf(told, true), 'web1', PASS, failure(), leave, signal);
    expect(told.state.machines['web1']?.mover).toMatchObject({ mover: 'files', decided: 'fallback' });
    expect(told.state.machines['web1']?.mover?.reasons[0]).toBe(
      `landfall had chosen blocks, which cannot go on: ${RAW}`,
    );
    expect(moverOf(told.view, 'web1')).toBe('files');
    expect(isMoverDue(told.view, 'web1')).toBe(false);
    // The number of the pass that blocks had begun is used up: the step of that name is over.
    expect(nextPass(told.view, 'web1')).toMatchObject({ pass: 3, kind: 'delta', checksum: true });
  });

  it('a pass that was announced is not announced again', async () => {
    const told = story().startPass('web1', 2, { mover: 'blocks' });
    const before = told.state.machines['web1']?.passes.length;
    await fallBack(handsOf(told, true), 'web1', PASS, failure('blocks.refused'), leave, signal);
    expect(told.state.machines['web1']?.passes).toHaveLength(before ?? 0);
    expect(nextPass(told.view, 'web1')?.pass).toBe(3);
  });

  it.each(['plan', 'engineer', 'fallback'] as const)(
    'where the %s has chosen them, the verdict stays as it is',
    async decided => {
      const told = story(decided);
      const error = failure();
      await expect(fallBack(handsOf(told, true), 'web1', PASS, error, leave, signal)).rejects.toBe(error);
      expect(moverOf(told.view, 'web1')).toBe('blocks');
    },
  );

  it.each([
    'sync.link-lost',
    'blocks.foreign-job',
    'blocks.scratch-full',
    'blocks.broken-off',
    'cancelled',
  ] as const)('what passes or is mended by others (%s) moves nothing', async code => {
    const told = story();
    const error = failure(code);
    await expect(fallBack(handsOf(told, true), 'web1', PASS, error, leave, signal)).rejects.toBe(error);
    expect(told.state.machines['web1']?.passes).toHaveLength(1);
  });

  it('an order that nothing has answered yet comes first', () => {
    expect(outcome(story().tell({ type: 'mover.ordered', machine: 'web1', mover: 'blocks' })).kind).toBe(
      'stays',
    );
  });

  it('a machine that lets nobody in has nothing to win by its files: it is off, or cut off', async () => {
    const told = story();
    const thrown = await fallBack(handsOf(told, false), 'web1', PASS, failure(), leave, signal).catch(
      (error: unknown) => error,
    );
    expect(thrown).toMatchObject({
      code: 'blocks.impossible',
      facts: {
        evidence: [RAW, 'landfall does not turn to its files by itself: web1 does not answer'],
        next: ['mend it'],
      },
    });
    expect(moverOf(told.view, 'web1')).toBe('blocks');
  });

  it('a machine that went off under an open connection is not turned to its files', async () => {
    const told = story();
    await expect(
      fallBack(handsOf(told, true, false), 'web1', PASS, failure(), leave, signal),
    ).rejects.toMatchObject({
      facts: { evidence: [RAW, 'landfall does not turn to its files by itself: web1 does not answer'] },
    });
    expect(moverOf(told.view, 'web1')).toBe('blocks');
    expect(told.state.machines['web1']?.passes).toHaveLength(1);
  });

  it.each([
    'libvirt on mia-kvm1 does not answer',
    'the domain web1 is not there: only a running one can be tracked',
    'the domain web1 is another than the inventory saw: its UUID is a, not b',
    'libvirt does not tell of checkpoints: this hypervisor has none',
    'vda: the answer of qemu-img about this image cannot be read',
    'vda: qemu-img cannot read its image: Failed to get shared "write" lock',
  ])(
    'a libvirt that is restarted, or a name given to another domain, gives no machine to its files: %s',
    evidence => {
      const error = new LandfallError('blocks.impossible', {
        what: 'impossible',
        evidence: [RAW, evidence],
        next: [],
      });
      expect(outcome(story(), error)).toMatchObject({ kind: 'stays' });
    },
  );

  it('what the pass has on the hypervisors goes before files take over, and they do not where it stays', async () => {
    const told = story();
    const stuck = new LandfallError('blocks.foreign-job', { what: 'a backup that does not end', next: [] });
    const stays = () => Promise.reject(stuck);
    await expect(fallBack(handsOf(told, true), 'web1', PASS, failure(), stays, signal)).rejects.toBe(stuck);
    expect(moverOf(told.view, 'web1')).toBe('blocks');
    expect(told.state.machines['web1']?.passes).toHaveLength(1);
  });

  it('what is damaged again and again at the target is not opened to files: they would go to the same disks', () => {
    const told = story();
    const error = new LandfallError('blocks.refused', {
      what: 'a piece of web1 did not arrive whole, 6 times',
      where: { host: told.view.plan.machines['web1']?.target.hypervisor },
      next: [],
    });
    expect(outcome(told, error)).toMatchObject({
      kind: 'stays',
      why: expect.stringContaining('where its files would have to go, too'),
    });
  });

  it('a whole copy is not opened to files that fit into what is left only if nothing goes wrong', () => {
    const told = story().tell(whole);
    const needs = costsOf(told.view, 'web1', told.now).files.firstMs ?? 0;
    expect(needs).toBeGreaterThan(0);
    const left = (): number => (told.state.evacuation?.deadline.earliest ?? 0) - told.now;
    told.wait(left() - 1.6 * needs);
    expect(outcome(told).kind).toBe('files');
    told.wait(0.2 * needs);
    expect(outcome(told).kind).toBe('stays');
    expect(left()).toBeGreaterThan(needs);
  });

  it('a whole copy is not opened to files that would not be there before the storm', () => {
    const told = story().tell(whole);
    const earliest = told.state.evacuation?.deadline.earliest ?? 0;
    told.wait(earliest - told.now - MINUTE / 60);
    expect(outcome(told)).toMatchObject({
      kind: 'stays',
      why: expect.stringContaining('until the earliest loss, and the copy that is there is whole'),
    });
    const early = story().tell(whole);
    expect((early.state.evacuation?.deadline.earliest ?? 0) - early.now).toBeGreaterThan(HOUR);
    expect(outcome(early).kind).toBe('files');
  });

  it('a whole copy of a database is not given up for its files as they are written, unless hooks bring it to rest', () => {
    const facts = factsOf('debian-12');
    const services = [...facts.guest.services, 'mariadb.service'];
    const withDatabase = (told: Story) =>
      told.tell({
        type: 'machine.observed',
        machine: 'web1',
        ...facts,
        guest: { ...facts.guest, services },
        digest: 'd2',
      });
    expect(outcome(withDatabase(story()).tell(whole))).toMatchObject({
      kind: 'stays',
      why: expect.stringMatching(
        /there, whose files may be worthless .*, and the copy that is there is whole$/,
      ),
    });
    expect(outcome(withDatabase(story())).kind).toBe('files');
    const hooks = { before: ['/usr/local/bin/rest'], after: ['/usr/local/bin/go-on'] };
    expect(outcome(withDatabase(story('auto', { hooks })).tell(whole)).kind).toBe('files');
  });

  it('where no copy is there yet, files are tried however late it is', () => {
    const told = story();
    told.wait((told.state.evacuation?.deadline.earliest ?? 0) - told.now - MINUTE / 60);
    expect(outcome(told).kind).toBe('files');
  });

  it('nor does it where files are impossible, or would leave a disk out', () => {
    expect(outcome(story('auto', { source: { ...machinePlan().source, login: false } }))).toMatchObject({
      kind: 'stays',
      why: 'the plan says that nobody logs in there',
    });
    const other = { path: '/pool/new.raw', format: 'raw', capacity: 1, allocation: 1 };
    const told = story().tell({
      type: 'blocks.observed',
      machine: 'web1',
      libvirt: '9.0.0',
      qemu: '7.2.22',
      disks: [{ target: 'vdz', ...other }],
      foreignCheckpoints: [],
      ownCheckpoints: [],
      agent: true,
      refusals: [],
    });
    expect(outcome(told)).toMatchObject({
      kind: 'stays',
      why: expect.stringContaining('no inventory has seen vdz'),
    });
  });
});

it('the key of blocks goes with clean, also when files have made so many passes since that nobody knows of those by blocks', () => {
  const told = new Story(planOf({ machines: { web1: machinePlan({ mover: 'auto' }) } }))
    .begin()
    .observe('web1')
    .build('web1')
    .tell(chosen('auto'))
    .tell({ type: 'step.done', step: 'sync/web1/blocks-key', phase: 'sync', ms: 1, already: false })
    .startPass('web1', 1, { mover: 'blocks' })
    .tell({ ...chosen('fallback'), mover: 'files' } as EventBody);
  for (let pass = 2; pass < 2 + 2 * PASSES_KEPT; pass += 1) told.pass('web1', pass, { mover: 'files' });
  expect(told.state.machines['web1']?.passes.some(({ mover }) => mover === 'blocks')).toBe(false);
  const target = told.plan.machines['web1']?.target.hypervisor;
  const hosts = cleanStep('web1')
    .preview(told.view)
    .map(({ host }) => host);
  expect(hosts).toContain(target);
});
