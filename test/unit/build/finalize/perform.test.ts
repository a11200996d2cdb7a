import { expect, test } from 'vitest';
import { fixupActions, performFixups } from '../../../../src/build/finalize/perform.ts';
import { readTree } from '../../../../src/build/finalize/tree.ts';
import { contextFor } from '../../../../src/evacuation/context.ts';
import { LandfallError } from '../../../../src/foundation/errors.ts';
import type { Fixup } from '../../../../src/journal/proof-facts.ts';
import type { Step, StepContext } from '../../../../src/step/step.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { type Reply, scriptedHost } from '../../../support/scripted-host.ts';
import { rejection } from '../../../support/ssh-world.ts';
import { planOf, Story } from '../../../support/state.ts';

const FIXUPS: Fixup[] = [
  {
    id: 'fstab',
    title: 'mount what is there',
    why: 'It would not boot.',
    edits: [{ path: '/etc/fstab', mode: 0o644, before: 'a\n', after: 'b\n' }],
    commands: [],
    warnings: [],
  },
  {
    id: 'boot-loader',
    title: 'write the boot loader',
    why: 'No copy of files reaches it.',
    edits: [],
    commands: [{ argv: ['grub-install', '/dev/sdb'], why: 'the boot loader' }],
    warnings: [],
  },
];

/** Real hands, as a step gets them, over a scripted host: what was not announced would be refused. */
function hands(reply: (line: string) => Reply | undefined) {
  const host = scriptedHost('web1.receiver', reply);
  const story = new Story(planOf()).begin();
  const step: Step = {
    id: 'prove/web1/proof-1',
    phase: 'prove',
    subject: 'web1',
    title: 'prove',
    needs: [],
    resources: [],
    preview: () => fixupActions('web1.receiver', '/mnt/t', FIXUPS),
    done: () => Promise.resolve(false),
    run: () => Promise.resolve(),
  };
  const context: StepContext = contextFor(step, {
    plan: story.view.plan,
    evacuation: 'miami-to-dallas',
    state: () => story.view.state,
    host: () => Promise.resolve(host),
    emit: () => Promise.resolve(),
    onSample: () => undefined,
    keepLog: () => Promise.resolve(),
    clock: new ManualClock(0),
    random: { next: () => 0.5, bytes: count => new Uint8Array(count) },
  });
  return { context, host };
}

const kindOf = (line: string): string =>
  line.startsWith('unshare ') ? 'command' : line.includes('/proc/[0-9]*/fd/9') ? 'end' : 'edit';

test('fix-ups are made by what was announced and nothing else', async () => {
  const { context, host } = hands(() => '');
  await performFixups(context, 'web1.receiver', '/mnt/t', FIXUPS, new AbortController().signal);
  expect(host.asked.map(kindOf)).toEqual(['end', 'edit', 'command']);
});

test('a tool that fails is told with its words, and nothing is left running in the copy', async () => {
  const { context, host } = hands(line =>
    line.startsWith('unshare ') ? { code: 1, stderr: 'grub-install: error: embedding is not possible.' } : '',
  );
  const error = await rejection(
    performFixups(context, 'web1.receiver', '/mnt/t', FIXUPS, new AbortController().signal),
  );
  expect(error).toBeInstanceOf(LandfallError);
  expect(error).toMatchObject({
    code: 'finalize.failed',
    facts: {
      what: expect.stringMatching(/boot-loader: grub-install/),
      evidence: ['grub-install: error: embedding is not possible.'],
    },
  });
  expect(host.asked.map(kindOf)).toEqual(['end', 'edit', 'command', 'end']);
});

test('nothing is done after a cancellation', async () => {
  const { context, host } = hands(() => '');
  await rejection(performFixups(context, 'web1.receiver', '/mnt/t', FIXUPS, AbortSignal.abort()));
  expect(host.asked).toEqual([]);
});

test('a tree is read from the host with its block devices', async () => {
  const line = JSON.stringify({
    path: Buffer.from('etc/fstab').toString('base64'),
    real: Buffer.from('/etc/fstab').toString('base64'),
    kind: 'file',
    mode: '644',
    data: Buffer.from('x\n').toString('base64'),
  });
  const host = scriptedHost('web1.receiver', asked =>
    asked.startsWith('lsblk')
      ? '{"blockdevices":[{"name":"sdb","path":"/dev/sdb","type":"disk","size":1,"serial":"lf-vda"}]}'
      : `a banner\n${line}\n{"program":"dracut"}\n{"end":true}\n`,
  );
  const tree = await readTree(host, '/mnt/t', new AbortController().signal);
  expect(tree.entries.get('/etc/fstab')?.text).toBe('x\n');
  expect([...tree.programs]).toEqual(['dracut']);
  expect(tree.blocks).toMatchObject([{ device: '/dev/sdb', serial: 'lf-vda' }]);
});
