import { describe, expect, it } from 'vitest';
import {
  beginningOf,
  putIn,
  putInActions,
  replicaVolumes,
  takeOut,
  takeOutActions,
} from '../../../src/build/index.ts';
import { attachStep } from '../../../src/build/receiver/attach.ts';
import { prepareStep } from '../../../src/build/replica/prepare.ts';
import { LandfallError } from '../../../src/foundation/errors.ts';
import { describe as line } from '../../../src/step/action.ts';
import type { Step } from '../../../src/step/step.ts';
import { COPY, contextOf, PlugLab as Lab, story, RECEIVER_UUID as UUID } from '../../support/plug-lab.ts';
import type { Story } from '../../support/state.ts';

const signal = new AbortController().signal;
const GB = 1e9;
const REPLICA = 'landfall-miami-to-dallas-web1-vda.qcow2';
const OVERLAY = { disk: 'vda', pool: 'default', volume: 'landfall-miami-to-dallas-web1-vda-proof.qcow2' };

/** A step that may do what a proof does with the disks. */
const proof: Step = {
  id: 'prove/web1/proof-1',
  phase: 'prove',
  subject: 'web1',
  title: 'prove',
  needs: [],
  resources: [],
  preview: view => [
    ...takeOutActions(view, 'web1'),
    ...putInActions(view, 'web1', [OVERLAY]),
    ...putInActions(view, 'web1', replicaVolumes(view, 'web1')),
  ],
  done: () => Promise.resolve(false),
  run: () => Promise.resolve(),
};

describe('attach', () => {
  it('plugs the replica in, records where it is, and finds it done', async () => {
    const told = story();
    const lab = new Lab();
    const step = attachStep(told.plan, 'web1');
    const context = contextOf(step, told, lab);
    expect(await step.done(context, signal)).toBe(false);
    await step.run(context, signal);
    expect(lab.volumes).toEqual([REPLICA]);
    expect(told.state.machines['web1']?.receiver?.devices).toEqual({ vda: '/dev/sda' });
    expect(await step.done(context, signal)).toBe(true);
    await step.run(context, signal);
    expect(lab.hypervisor.asked.filter(text => text.includes('attach-device'))).toHaveLength(1);
  });

  it('takes the overlay of an interrupted proof out, mounted as it is, before the replica goes in', async () => {
    const told = story();
    const lab = new Lab();
    lab.disks = [{ target: 'sda', serial: 'lf-vda', volume: OVERLAY.volume }];
    lab.mounts = [
      { device: '/dev/sda1', path: '/mnt/t' },
      { device: 'proc', path: '/mnt/t/proc' },
    ];
    lab.clings = 0;
    const step = attachStep(told.plan, 'web1');
    const context = contextOf(step, told, lab);
    expect(await step.done(context, signal)).toBe(false);
    await step.run(context, signal);
    expect(lab.volumes).toEqual([REPLICA]);
    expect(lab.mounts).toEqual([]);
  });

  const running = (begun: string): string =>
    `<domain><name>${COPY}</name><uuid>${UUID}</uuid><metadata><landfall:proof xmlns:landfall='urn:landfall:1' evacuation='miami-to-dallas' begun='${begun}' machine='web1'/></metadata></domain>`;

  it('ends the copy that a killed proof has left running, because it holds the replica open', async () => {
    const told = story();
    const lab = new Lab();
    const step = attachStep(told.plan, 'web1');
    const context = contextOf(step, told, lab);
    lab.copy = running(beginningOf(context));
    await step.run(context, signal);
    expect(lab.copy).toBeUndefined();
    expect(lab.volumes).toEqual([REPLICA]);
    expect(await step.done(context, signal)).toBe(true);
  });

  it('leaves a copy of that name alone that another evacuation has started, and plugs nothing in', async () => {
    const told = story();
    const lab = new Lab();
    const step = attachStep(told.plan, 'web1');
    lab.copy = running('2020-01-01T00:00:00.000Z');
    await expect(step.run(contextOf(step, told, lab), signal)).rejects.toMatchObject({
      code: 'prove.leftover',
    });
    expect(lab.copy).toBeDefined();
    expect(lab.volumes).toEqual([]);
  });

  it('leaves alone what is no disk of the machine', async () => {
    const told = story();
    const lab = new Lab();
    lab.disks = [{ target: 'sdb', serial: 'lf-vdb', volume: 'x' }];
    const step = attachStep(told.plan, 'web1');
    await expect(step.run(contextOf(step, told, lab), signal)).rejects.toMatchObject({
      code: 'build.foreign-object',
    });
    expect(lab.volumes).toEqual(['x']);
  });

  it('plugs nothing into a domain that does not prove to be the receiver', async () => {
    const told = story().tell({ type: 'receiver.started', machine: 'web1', domain: 'r', uuid: 'another' });
    const lab = new Lab();
    const step = attachStep(told.plan, 'web1');
    await expect(step.run(contextOf(step, told, lab), signal)).rejects.toMatchObject({
      code: 'identity.mismatch',
    });
    expect(lab.volumes).toEqual([]);
  });
});

describe('what a proof does with the disks', () => {
  it('is replica out, overlay in, overlay out, replica back; nothing is pulled that is mounted', async () => {
    const told = story();
    const lab = new Lab();
    const context = contextOf(proof, told, lab);
    const replica = replicaVolumes(context, 'web1') ?? [];
    await putIn(context, 'web1', replica, signal);
    expect(lab.mounts).toEqual([{ device: '/dev/sda1', path: '/mnt/t' }]);
    await takeOut(context, 'web1', signal);
    expect([lab.volumes, lab.mounts]).toEqual([[], []]);
    await putIn(context, 'web1', [OVERLAY], signal);
    expect([lab.volumes, lab.mounts.length]).toEqual([[OVERLAY.volume], 1]);
    await takeOut(context, 'web1', signal);
    await takeOut(context, 'web1', signal);
    await putIn(context, 'web1', replica, signal);
    await putIn(context, 'web1', replica, signal);
    expect([lab.volumes, lab.mounts.length]).toEqual([[REPLICA], 1]);
  });

  it('is announced in full once the devices are known', () => {
    const told = story().tell({ type: 'receiver.observed', machine: 'web1', devices: { vda: '/dev/sda' } });
    expect(proof.preview(told.view).map(line).slice(0, 4)).toEqual([
      'sync',
      'umount -R /mnt/t',
      `write /run/landfall/miami-to-dallas/${REPLICA}.xml (mode 0600)`,
      `virsh -c qemu:///system detach-device landfall-miami-to-dallas-web1-receiver /run/landfall/miami-to-dallas/${REPLICA}.xml --live`,
    ]);
  });

  it('gives up by the clock on a guest that does not let go, and says what holds it', async () => {
    const told = story();
    const lab = new Lab();
    lab.disks = [{ target: 'sda', serial: 'lf-vda', volume: REPLICA }];
    lab.clings = 1;
    const error = await takeOut(contextOf(proof, told, lab), 'web1', signal).catch(
      (thrown: unknown) => thrown,
    );
    expect(error instanceof LandfallError && error.facts.what).toContain(
      'does not let go of the disk lf-vda',
    );
  });
});

describe('a receiver that is made anew', () => {
  const prepared = async (told: Story): Promise<number | undefined> => {
    const lab = new Lab();
    const attach = attachStep(told.plan, 'web1');
    await attach.run(contextOf(attach, told, lab), signal);
    const prepare = prepareStep(told.plan, 'web1');
    await prepare.run(contextOf(prepare, told, lab), signal);
    expect(lab.receiver.asked.filter(text => text.startsWith('flock') && !text.endsWith(' true'))).toEqual(
      [],
    );
    return told.state.machines['web1']?.receiver?.prepared?.seededBytes;
  };

  it('before the first pass has ended lets that pass compare contents: nobody knows which files are the clone’s', async () => {
    expect(await prepared(story().startPass('web1', 1))).toBe(5 * GB);
  });

  it('after it finds a copy, and says nothing of a clone', async () => {
    expect(await prepared(story().pass('web1', 1))).toBe(0);
  });
});
