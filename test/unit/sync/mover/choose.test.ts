import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Mover } from '../../../../src/step/mover.ts';
import { decide } from '../../../../src/sync/mover/choose.ts';
import type { Situation } from '../../../../src/sync/mover/situation.ts';

const HOUR = 3600e3;

const situation = (changes: Partial<Situation> = {}): Situation => ({
  machine: 'web1',
  planned: 'auto',
  impossible: { files: [], blocks: [] },
  isLookedAt: true,
  costs: {
    rate: { bytesPerSecond: 100e6, from: 'limit' },
    files: { firstBytes: 10e9, firstMs: 100e3, floorMs: 3e3 },
    blocks: { firstBytes: 10e9, firstMs: 100e3, floorMs: 3e3 },
  },
  databases: [],
  hot: [],
  canFreeze: true,
  ...changes,
});

const mover = fc.constantFrom<Mover>('files', 'blocks');
const cost = fc.record({
  firstBytes: fc.nat(1e12),
  firstMs: fc.nat(1e9),
  floorMs: fc.nat(1e7),
});
const refusals = fc.oneof(
  fc.constant<string[]>([]),
  fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 }),
);
const any: fc.Arbitrary<Situation> = fc.record(
  {
    machine: fc.constant('web1'),
    planned: fc.constantFrom('auto' as const, 'files' as const, 'blocks' as const),
    ordered: fc.constantFrom('auto' as const, 'files' as const, 'blocks' as const),
    copiedBy: mover,
    impossible: fc.record({ files: refusals, blocks: refusals }),
    isLookedAt: fc.boolean(),
    costs: fc.record({
      rate: fc.constant({ bytesPerSecond: 1e8, from: 'limit' as const }),
      files: cost,
      blocks: cost,
    }),
    leftMs: fc.integer({ min: -1e6, max: 1e9 }),
    databases: fc.array(fc.constantFrom('MySQL', 'Redis'), { maxLength: 2 }),
    hot: fc.array(fc.constant('/var/spool/q'), { maxLength: 2 }),
    stuck: fc.constant('three passes in a row sent about the same'),
    canFreeze: fc.boolean(),
  },
  {
    requiredKeys: [
      'machine',
      'planned',
      'impossible',
      'isLookedAt',
      'costs',
      'databases',
      'hot',
      'canFreeze',
    ],
  },
);

const can = ({ impossible, isLookedAt }: Situation, which: Mover): boolean =>
  impossible[which].length === 0 && (which === 'files' || isLookedAt);

describe('a choice of the mover, whatever is known', () => {
  it('never takes one that is impossible, and refuses only where both are', () => {
    fc.assert(
      fc.property(any, given => {
        const choice = decide(given);
        if (choice.mover === undefined) {
          expect(can(given, 'files') || can(given, 'blocks')).toBe(false);
          expect(choice.impossible.files.length).toBeGreaterThan(0);
          expect(choice.impossible.blocks.length).toBeGreaterThan(0);
        } else expect(can(given, choice.mover)).toBe(true);
      }),
    );
  });

  it('always says why, each sentence once', () => {
    fc.assert(
      fc.property(any, given => {
        const choice = decide(given);
        if (choice.mover === undefined) return;
        const said = [...choice.reasons, ...choice.against];
        expect(choice.reasons.length).toBeGreaterThan(0);
        expect(said.every(each => each.trim() !== '')).toBe(true);
        expect(new Set(choice.reasons).size).toBe(choice.reasons.length);
      }),
    );
  });

  it('does as the engineer says, before the plan; what neither can be done as said is a fallback', () => {
    fc.assert(
      fc.property(any, given => {
        const choice = decide(given);
        const wanted = given.ordered ?? given.planned;
        if (choice.mover === undefined || wanted === 'auto') return;
        expect(choice.mover === wanted).toBe(can(given, wanted));
        expect(choice.decided).toBe(
          choice.mover !== wanted ? 'fallback' : given.ordered === undefined ? 'plan' : 'engineer',
        );
      }),
    );
  });

  it('switches no machine that has been copied, unless its mover has become impossible', () => {
    fc.assert(
      fc.property(any, mover, (given, copiedBy) => {
        const { ordered: _, ...quiet } = given;
        const choice = decide({ ...quiet, planned: 'auto', copiedBy });
        if (choice.mover !== undefined && can(given, copiedBy)) expect(choice.mover).toBe(copiedBy);
      }),
    );
  });
});

describe('where both can', () => {
  const chosen = (changes: Partial<Situation>) => decide(situation(changes));

  it('a database asks for one instant', () => {
    const cheap = { firstBytes: 1e9, firstMs: 10e3, floorMs: 0 };
    const choice = chosen({
      databases: ['PostgreSQL'],
      costs: { ...situation().costs, files: cheap },
    });
    expect(choice).toMatchObject({ mover: 'blocks', decided: 'auto' });
    expect(choice).toHaveProperty('reasons.0', expect.stringContaining('PostgreSQL runs there'));
    expect(choice).toHaveProperty(
      'against',
      expect.arrayContaining([expect.stringContaining('the cheaper one')]),
    );
  });

  it('a tie goes to one instant', () => {
    expect(chosen({})).toMatchObject({
      mover: 'blocks',
      reasons: [expect.stringContaining('one instant'), expect.anything(), expect.anything()],
    });
  });

  it('what a clone has already need not travel by files', () => {
    const files = { firstBytes: 1e9, firstMs: 10e3, floorMs: 3e3 };
    expect(chosen({ costs: { ...situation().costs, files } })).toMatchObject({
      mover: 'files',
      reasons: ['its files are the cheaper copy: 1.00 GB in 10s against 10.0 GB in 1m40s'],
    });
  });

  it('millions of files make every scan dear, however small they are', () => {
    const files = { firstBytes: 1e9, firstMs: 10e3, floorMs: 60e3 };
    expect(chosen({ costs: { ...situation().costs, files } })).toMatchObject({ mover: 'blocks' });
  });

  it('the one that is there before the storm comes before all else', () => {
    const files = { firstBytes: 1e9, firstMs: 10e3, floorMs: 3e3 };
    const blocks = { firstBytes: 1e12, firstMs: 10 * HOUR, floorMs: 2e3 };
    const choice = chosen({
      databases: ['MongoDB'],
      leftMs: HOUR,
      costs: { ...situation().costs, files, blocks },
    });
    expect(choice).toMatchObject({ mover: 'files' });
    expect(choice).toHaveProperty(
      'against',
      expect.arrayContaining([expect.stringContaining('the other would be in time')]),
    );
  });

  it('an order for auto judges anew, also what was copied', () => {
    expect(chosen({ ordered: 'auto', copiedBy: 'files', stuck: 'three passes in a row' })).toMatchObject({
      mover: 'blocks',
      decided: 'auto',
    });
  });
});

describe('where one cannot', () => {
  it('a plan that asks for it is told why it falls back', () => {
    const impossible = { files: [], blocks: ['vda is a raw disk: no bitmap can be kept in it'] };
    expect(decide(situation({ planned: 'blocks', impossible }))).toEqual({
      mover: 'files',
      decided: 'fallback',
      reasons: [
        'the plan asks for blocks, which cannot move it',
        'by blocks: vda is a raw disk: no bitmap can be kept in it',
      ],
      against: ['once its hypervisor can: landfall mover PLAN web1 blocks'],
    });
  });

  it('a layout that files cannot build goes by blocks', () => {
    const impossible = { files: ['it cannot be built again file by file: ZFS on /dev/vdb'], blocks: [] };
    expect(decide(situation({ impossible, copiedBy: 'files' }))).toMatchObject({
      mover: 'blocks',
      decided: 'auto',
      reasons: ['only its blocks can be copied'],
    });
  });

  it('with nothing asked of the hypervisor its files travel, and that is said', () => {
    expect(decide(situation({ isLookedAt: false }))).toMatchObject({
      mover: 'files',
      against: ['whether its blocks could be copied has not been asked yet'],
    });
  });
});
