import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { GOLDEN_VOLUME, POOL } from '../world/layout.ts';
import { seededUuid } from '../world/random.ts';
import type { LabState, Volume } from '../world/world.ts';
import { writeWhole } from './write-whole.ts';

/** `<lab>/state.json`: volumes, domains and mounts; written whole at each change. */

const GOLDEN_BYTES = 4 * 1024 ** 3;

function goldenVolume(lab: string, seed: number): Volume {
  const fs = {
    type: 'ext4',
    uuid: seededUuid(seed, 'fs/golden'),
    label: null,
    directory: path.join(lab, 'golden', 'root'),
  };
  return {
    hypervisor: 'dal-kvm1',
    pool: POOL,
    name: GOLDEN_VOLUME,
    format: 'qcow2',
    backing: null,
    disk: { bytes: GOLDEN_BYTES, table: null, partitions: [], fs },
    replicaOf: null,
    quota: null,
  };
}

export function loadState(lab: string, seed: number): LabState {
  const file = path.join(lab, 'state.json');
  if (!existsSync(file)) {
    return {
      format: 1,
      counter: 0,
      volumes: [goldenVolume(lab, seed)],
      domains: [],
      mounts: {},
      groups: {},
      networks: [],
      violations: [],
      sources: {},
      isSourceLost: false,
      checkpoints: [],
    };
  }
  // The lab is the only writer and replaces the file whole, so what parses is what it wrote; older ones lack the last ones.
  const state = JSON.parse(readFileSync(file, 'utf8')) as LabState;
  return {
    ...state,
    groups: state.groups ?? {},
    networks: state.networks ?? [],
    sources: state.sources ?? {},
    isSourceLost: state.isSourceLost ?? false,
    checkpoints: state.checkpoints ?? [],
  };
}

export function saveState(lab: string, state: LabState): void {
  writeWhole(path.join(lab, 'state.json'), JSON.stringify(state), 0o600);
}
