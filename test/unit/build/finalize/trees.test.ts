import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { kindOf } from '../../../../src/build/finalize/edit.ts';
import { planFixups } from '../../../../src/build/finalize/plan.ts';
import { guestFacts as guestSchema } from '../../../../src/journal/facts.ts';
import type { FileEdit } from '../../../../src/journal/proof-facts.ts';
import { formatArgv } from '../../../../src/remote/quote.ts';
import { domainFacts, guestFacts } from '../../../support/state.ts';
import { edited, PROOF, treeOf, wishOf } from './support.ts';

/** Trees of distributions before and after their fix-ups: what is not said to change must not. */

const fixture = z.strictObject({
  purpose: z.enum(['proof', 'cutover']),
  topologyKept: z.boolean().default(true),
  moves: z.array(
    z.strictObject({
      source: z.string(),
      target: z.string(),
      from: z.string(),
      to: z.string(),
      gateway: z.string().optional(),
    }),
  ),
  hold: z.array(z.string()).default([]),
  guest: guestSchema.partial(),
  firmware: z.enum(['bios', 'uefi']).default('bios'),
  disks: z.array(z.strictObject({ target: z.string(), capacity: z.number() })),
  programs: z.array(z.string()),
  there: z.array(z.string()).default([]),
  before: z.record(z.string(), z.string()),
  /** Only what changes; `-> target` is a link, null is a file that goes. */
  after: z.record(z.string(), z.string().nullable()),
  commands: z.array(z.string()),
  warnings: z.array(z.string()),
});

const load = (name: string) =>
  fixture.parse(
    parse(readFileSync(new URL(`../../../../fixtures/trees/${name}.yaml`, import.meta.url), 'utf8')),
  );

const INSTRUMENTS = /landfall-(?:proof|userspace)\.service$|^\/etc\/landfall\/proof\.sh$/;

const shown = (edit: FileEdit): string | null => (kindOf(edit) === 'link' ? `-> ${edit.after}` : edit.after);

test.each(['debian-12', 'debian-12-recorded', 'ubuntu-24.04', 'alma-9', 'centos-7', 'sles-15'])(
  '%s',
  name => {
    const { before, after, commands, warnings, there, ...rest } = load(name);
    const tree = treeOf(
      { ...before, ...Object.fromEntries(there.map(path => [path, undefined])) },
      {
        programs: rest.programs,
        blocks: [
          { device: '/dev/sda', type: 'disk', size: 1 },
          { device: '/dev/sdb', type: 'disk', size: 1, serial: 'lf-vda' },
        ],
      },
    );
    const wish = wishOf({
      guest: guestFacts({ ...(JSON.parse(JSON.stringify(rest.guest)) as object) }),
      domain: domainFacts({
        firmware: rest.firmware,
        disks: rest.disks.map(disk => ({
          ...disk,
          source: '',
          format: 'qcow2',
          bus: 'virtio',
          allocation: 1,
        })),
      }),
      topologyKept: rest.topologyKept,
      moves: JSON.parse(JSON.stringify(rest.moves)),
      ...(rest.purpose === 'proof' ? { proof: { ...PROOF, hold: rest.hold } } : {}),
    });

    const plan = planFixups(tree, wish);
    const edits = plan.flatMap(fixup => fixup.edits).filter(edit => !INSTRUMENTS.test(edit.path));
    expect(Object.fromEntries(edits.map(edit => [edit.path, shown(edit)]))).toEqual(after);
    expect(plan.flatMap(fixup => fixup.commands.map(command => formatArgv(command.argv)))).toEqual(commands);
    expect(plan.flatMap(fixup => fixup.warnings)).toEqual(warnings);

    expect(planFixups(edited(tree, plan), wish).flatMap(fixup => fixup.edits)).toEqual([]);
  },
);
