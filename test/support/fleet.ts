import type { Event } from '../../src/journal/events.ts';
import { fold } from '../../src/journal/fold.ts';
import { EMPTY_STATE, type MachineState, type State } from '../../src/journal/state.ts';
import type { Plan, PlanInput } from '../../src/plan/schema.ts';
import { HOUR, MINUTE, machinePlan, type PassOptions, planOf, Story, T0 } from './state.ts';

/**
 * Evacuations of any size in which every machine is somewhere else on its walk: for tests of scale. The same count and
 * seed give the same fleet.
 */

export interface Fleet {
  readonly plan: Plan;
  readonly state: State;
  /** A minute after the last event. */
  readonly now: number;
}

/** Where a machine of the fleet stands; one in twenty of each entry. */
const CONDITIONS = [
  ...Array.from({ length: 8 }, () => 'verified' as const),
  ...Array.from({ length: 3 }, () => 'copying' as const),
  ...Array.from({ length: 2 }, () => 'converging' as const),
  'unverified',
  'not-converging',
  'differs',
  'failed',
  'building',
  'paused',
  'not-begun',
] as const;
type Condition = (typeof CONDITIONS)[number];

const ROLES = ['web', 'app', 'db', 'mail', 'files', 'batch', 'cache'] as const;
const TIERS = ['critical', 'normal', 'low'] as const;
const HYPERVISORS = 8;

/** The plan, and the state that the fold of `fleetEvents` with the same arguments gives. */
export function fleetOf(count: number, seed = 1): Fleet {
  const plan = fleetPlan(count, seed);
  const stories = tellAll(plan, seed);
  const whole = stories.map(story => story.events.length).reduce((sum, each) => sum + each, 0);
  const lastAt = Math.max(...stories.map(story => story.events.at(-1)?.at ?? T0));
  // Machine by machine: folding the journal of a large fleet copies its maps once an event.
  const [opening, ...rest] = stories;
  const begun = fold(opening?.events ?? []);
  const machines: Record<string, MachineState> = { ...begun.machines };
  const steps: Record<string, State['steps'][string]> = { ...begun.steps };
  for (const story of rest) {
    const own = fold(story.events, { ...EMPTY_STATE, evacuation: begun.evacuation });
    Object.assign(machines, own.machines);
    Object.assign(steps, own.steps);
  }
  return { plan, state: { ...begun, machines, steps, lastSeq: whole, lastAt }, now: lastAt + MINUTE };
}

/** The whole journal of that fleet, in the order of its times. */
export function fleetEvents(count: number, seed = 1): readonly Event[] {
  const stories = tellAll(fleetPlan(count, seed), seed);
  return stories
    .flatMap(story => story.events)
    .sort((a, b) => a.at - b.at)
    .map((event, index) => ({ ...event, seq: index + 1 }));
}

/** What happens next in it, without end, `perSecond` events a second: delta passes of machines that had one. */
export function* fleetTraffic(fleet: Fleet, seed = 1, perSecond = 50): Generator<Event> {
  const random = randomOf(seed);
  const names = Object.values(fleet.state.machines).flatMap(each =>
    each.passes.length > 0 ? each.name : [],
  );
  const passes = new Map(names.map(name => [name, fleet.state.machines[name]?.passes.at(-1)?.pass ?? 1]));
  let seq = fleet.state.lastSeq;
  let at = fleet.now;
  while (names.length > 0) {
    const name = names[Math.floor(random() * names.length)] ?? '';
    const pass = (passes.get(name) ?? 0) + 1;
    passes.set(name, pass);
    const story = new Story(fleet.plan);
    story.now = at;
    told(story, `sync/${name}/pass-${pass}`, 'sync', () =>
      story.pass(name, pass, { ms: 1000, literal: Math.floor(random() * 2e9), predictedMs: 1000 }),
    );
    for (const event of story.events) {
      at += 1000 / perSecond;
      seq += 1;
      yield { ...event, seq, at };
    }
  }
}

function fleetPlan(count: number, seed: number): Plan {
  const random = randomOf(seed);
  const width = String(count).length;
  const machines: PlanInput['machines'] = {};
  for (let index = 0; index < count; index += 1) {
    const name = `${pick(ROLES, random)}-${String(index + 1).padStart(width, '0')}`;
    const host = 1 + (index % HYPERVISORS);
    machines[name] = machinePlan({
      tier: pick(TIERS, random),
      source: { hypervisor: `mia-kvm${host}`, address: addressOf(20, index), user: 'root' },
      target: {
        hypervisor: `dal-kvm${host}`,
        image: 'golden',
        network: 'dal-servers',
        address: addressOf(30, index),
      },
    });
  }
  const hosts = Array.from({ length: HYPERVISORS }, (_, index) => index + 1);
  return planOf({
    machines,
    hypervisors: Object.fromEntries(
      hosts.flatMap(host => [
        [`mia-kvm${host}`, { site: 'miami', address: `10.20.0.${host}`, user: 'root' }],
        [`dal-kvm${host}`, { site: 'dallas', address: `10.30.0.${host}`, user: 'root' }],
      ]),
    ),
    tiers: {
      critical: { priority: 1, rpo: '15m', rto: '1h', cost_per_hour: 1200 },
      normal: { priority: 2, rpo: '4h', rto: '8h' },
      low: { priority: 3, rpo: '24h', rto: '72h' },
    },
  });
}

const addressOf = (site: number, index: number): string =>
  `10.${site}.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`;

/** First how it began and the hypervisors, then a story for each machine that begins on its own. */
function tellAll(plan: Plan, seed: number): Story[] {
  const random = randomOf(seed + 1);
  const opening = new Story(plan).begin();
  for (const hypervisor of Object.keys(plan.hypervisors)) {
    told(opening, `inventory/${hypervisor}`, 'inventory', () =>
      opening.tell({
        type: 'hypervisor.observed',
        hypervisor,
        version: 'libvirt 9.0.0',
        cpus: 64,
        memory: 512e9,
        pools: { default: { capacity: 40e12, available: 22e12, path: '/var/lib/libvirt/images' } },
        networks: ['servers'],
        hostId: hypervisor,
      }),
    );
  }
  return [opening, ...Object.keys(plan.machines).map(name => tellMachine(plan, name, random))];
}

function tellMachine(plan: Plan, name: string, random: () => number): Story {
  const condition = pick(CONDITIONS, random);
  const story = new Story(plan);
  story.now = T0 + MINUTE + Math.floor(random() * HOUR);
  if (condition === 'not-begun') return story;
  told(story, `inventory/${name}`, 'inventory', () => story.observe(name).wait(4000));
  const build = (step: string, tell: () => unknown): void =>
    told(story, `build/${name}/${step}`, 'build', tell);
  build('replica', () => story.wait(3000));
  if (condition === 'building') {
    return story.tell({ type: 'step.started', step: `build/${name}/receiver`, phase: 'build', attempt: 1 });
  }
  build('receiver', () => story.wait(9000));
  build('access', () => story.wait(20_000));
  build('prepare', () => story.build(name).wait(12_000));
  copy(story, name, condition, random);
  return story;
}

function copy(story: Story, name: string, condition: Condition, random: () => number): void {
  const sync = (step: string, tell: () => unknown): void => told(story, `sync/${name}/${step}`, 'sync', tell);
  sync('key', () => story.wait(700));
  sync('path', () => story.wait(700));
  const passes = 2 + Math.floor(random() * 8);
  for (let pass = 1; pass <= passes; pass += 1) {
    const last = pass === passes;
    const literal = Math.round((8e9 * (0.5 + random())) / 3 ** Math.min(pass - 1, 4));
    const judged = !last
      ? 'converging'
      : condition === 'not-converging'
        ? 'not-converging'
        : condition === 'converging'
          ? 'converging'
          : 'converged';
    const ms = Math.round((1 + random()) * (pass === 1 ? 20 * MINUTE : 2 * MINUTE));
    const predictedMs = Math.round(ms * (0.8 + random() * 0.4));
    const options: PassOptions = { literal, ms, ...(pass === 1 ? {} : { judged, predictedMs }) };
    sync(`pass-${pass}`, () => story.pass(name, pass, options));
  }
  if (condition === 'verified' || condition === 'differs' || condition === 'paused') {
    const differences = condition === 'differs' ? ['/etc/hosts', '/var/lib/app/state.db'] : [];
    sync(`verify-${passes}`, () => story.verify(name, passes, differences, 3 * MINUTE));
  }
  if (condition === 'copying') {
    const step = `sync/${name}/pass-${passes + 1}`;
    story.tell({ type: 'step.started', step, phase: 'sync', attempt: 1 });
    story.startPass(name, passes + 1, { predictedMs: 2 * MINUTE });
  }
  if (condition === 'failed') {
    const why = 'the replica has 12 GB less than the source needs';
    story.fail(name, { why, evidence: ['rsync: write failed: No space left on device (28)'] });
  }
  if (condition === 'paused') story.tell({ type: 'machine.paused', machine: name, reason: 'quarter end' });
}

/** A step from its start to its end, with what it tells between. */
function told(story: Story, step: string, phase: string, tell: () => unknown): void {
  const began = story.now;
  story.tell({ type: 'step.started', step, phase, attempt: 1 });
  tell();
  story.tell({ type: 'step.done', step, phase, ms: story.now - began, already: false });
}

const pick = <T>(from: readonly T[], random: () => number): T => {
  const found = from[Math.floor(random() * from.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
};

/** A small generator of uniform numbers in [0, 1): multiplicative congruential, modulus 2³¹ − 1 (Park and Miller). */
function randomOf(seed: number): () => number {
  let state = (Math.abs(Math.trunc(seed)) % 2_147_483_646) + 1;
  const next = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return (state - 1) / 2_147_483_646;
  };
  // Neighbouring seeds begin alike.
  for (let round = 0; round < 8; round += 1) next();
  return next;
}
