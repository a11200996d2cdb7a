import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type CareAct,
  type CareFacts,
  judgeCare,
  LEAST,
  LOOKS_KEPT,
} from '../../../../src/evacuation/care/judge.ts';
import { type CareSample, readLook } from '../../../../src/evacuation/care/look.ts';
import type { MachineState } from '../../../../src/journal/state.ts';
import { planOf } from '../../../support/state.ts';

const EVERY = 15_000;
const FULL = 8 * LEAST;
const { care } = planOf();

type Look = Omit<CareSample, 'at' | 'snapshots'> & Partial<Pick<CareSample, 'snapshots'>>;
const CALM: Look = { load: 0.5, cores: 2, available: 4e9 };
const BUSY: Look = { load: 9, cores: 2, available: 4e9 };
const NEAR: Look = { load: 7, cores: 2, available: 4e9 };
const SHORT: Look = { load: 0.5, cores: 2, available: 1e6 };

/** Looks one after the other at a machine whose state follows what is decided; the acts with the number of their look. */
function watched(looks: readonly Look[], full = FULL): string[] {
  const acts: string[] = [];
  let cared: MachineState['cared'];
  let decidedAt: number | undefined;
  const samples: CareSample[] = [];
  for (const [index, look] of looks.entries()) {
    const at = index * EVERY;
    samples.push({ snapshots: [], ...look, at });
    const facts: CareFacts = { care, samples: samples.slice(-LOOKS_KEPT), cared, decidedAt, full };
    const act = judgeCare(facts);
    if (act === undefined) continue;
    acts.push(`${index}: ${said(act)}`);
    decidedAt = at;
    cared = act.act === 'release' ? undefined : { ...act, at };
  }
  return acts;
}

const said = ({ act, bytesPerSecond, foreign }: CareAct): string =>
  `${act}${bytesPerSecond === undefined ? '' : ` ${bytesPerSecond / LEAST}`}${foreign === true ? ' not ours' : ''}`;

const times = (count: number, look: Look): Look[] => Array.from({ length: count }, () => look);

it('one busy moment is none, two in a row are; each further pair halves again, and at last it is stopped', () => {
  expect(watched([BUSY, CALM, BUSY, CALM])).toEqual([]);
  expect(watched(times(14, BUSY))).toEqual(['1: ease 4', '3: ease 2', '5: ease 1', '9: stop']);
});

it('what runs out stops at once, and the copy comes back slowly when it has been calm', () => {
  expect(watched([...times(2, SHORT), ...times(40, CALM)])).toEqual([
    '1: stop',
    '14: ease 1',
    '19: ease 2',
    '24: ease 4',
    '29: release',
  ]);
});

it('a source that is as busy without us is not waited for: the copy goes on at the least rate, and says so', () => {
  const acts = watched(times(80, BUSY));
  expect(acts).toEqual(['1: ease 4', '3: ease 2', '5: ease 1', '9: stop', '18: ease 1 not ours']);
});

it('a source that is clearly less busy without us stays alone, and is tried again after half an hour', () => {
  const less: Look = { ...BUSY, load: 20 };
  const acts = watched([...times(11, { ...BUSY, load: 40 }), ...times(140, less)]);
  expect(acts).toEqual(['1: ease 4', '3: ease 2', '5: ease 1', '9: stop', '129: ease 1 not ours']);
});

it('a load that is not ours and rises with our work stops it again; what runs out does, too', () => {
  const began = times(19, BUSY);
  expect(watched([...began, BUSY, ...times(3, { ...BUSY, load: 30 })]).slice(5)).toEqual(['21: stop']);
  expect(watched([...began, ...times(3, SHORT)]).slice(5)).toEqual(['20: stop']);
});

it('what runs out is waited for, however long it lasts', () => {
  expect(watched(times(300, SHORT))).toEqual(['1: stop']);
});

it('near the limit is neither too much nor calm', () => {
  expect(watched([BUSY, BUSY, ...times(30, NEAR)])).toEqual(['1: ease 4']);
  expect(watched([BUSY, BUSY, ...times(4, CALM), NEAR, ...times(5, CALM)])).toEqual([
    '1: ease 4',
    '11: release',
  ]);
});

it('waiting for disks counts between two looks, and a host that was started again begins anew', () => {
  const look = (ticks: number, waited: number): Look => ({ ...CALM, ticks, waited });
  expect(watched([look(0, 0), look(100, 60), look(200, 120)])).toEqual(['2: ease 4']);
  expect(watched([look(1000, 900), look(100, 60), look(200, 60)])).toEqual([]);
});

it('a snapshot that fills up slows down, and stops before it is full', () => {
  const snapshot = (percent: number): Look => ({ ...CALM, snapshots: [{ name: 'vg0/s', percent }] });
  expect(watched(times(2, snapshot(85)))).toEqual(['1: ease 4']);
  expect(watched(times(2, snapshot(95)))).toEqual(['1: stop']);
});

it('free space counts against what the plan keeps', () => {
  expect(watched(times(2, { free: 1e6 }))).toEqual(['1: stop']);
});

it('whatever is seen, the rate never falls below the least, and nothing is released unasked', () => {
  const look = fc.constantFrom(CALM, BUSY, NEAR, SHORT, {});
  fc.assert(
    fc.property(fc.array(look, { maxLength: 120 }), fc.integer({ min: 1, max: 1000 }), (looks, full) => {
      let isCared = false;
      let before = '';
      for (const act of watched(looks, full * LEAST)) {
        const [, kind = '', rate] = act.split(' ');
        if (kind === 'ease') expect(Number(rate)).toBeGreaterThanOrEqual(1);
        if (kind === 'release') expect(isCared).toBe(true);
        expect([kind, before]).not.toEqual(['stop', 'stop']);
        isCared = kind !== 'release';
        before = kind;
      }
    }),
  );
});

it('reads what a host says, and leaves out what it does not', () => {
  const text = `load 6.24
cores 2
cpu  100 0 50 800 50 0 0 0 7 7
MemAvailable:   1024 kB
free 2048
snapshot vg0/landfall-p3-root 12.50
snapshot vg0/broken
nonsense
`;
  expect(readLook(text, 5)).toEqual({
    at: 5,
    load: 6.24,
    cores: 2,
    ticks: 1000,
    waited: 50,
    available: 1024 * 1024,
    free: 2048 * 1024,
    snapshots: [{ name: 'vg0/landfall-p3-root', percent: 12.5 }],
  });
  expect(readLook('', 5)).toEqual({ at: 5, snapshots: [] });
});
