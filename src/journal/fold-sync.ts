import type { Event, EventOf, EventType } from './events.ts';
import type { FamilyEvent } from './families.ts';
import type { MachineState } from './state.ts';

type Of<T extends EventType> = Event & EventOf<T>;
export type SyncEvent = FamilyEvent<'sync'>;

/** Who moves the machine, what its passes have on the source, and how the source is spared. */
export function foldSync(machine: MachineState, event: SyncEvent): MachineState {
  switch (event.type) {
    case 'blocks.observed': {
      const { type, v, seq, by, machine: _name, ...blocks } = event;
      return { ...machine, blocks };
    }
    case 'mover.chosen': {
      const { type, v, seq, machine: _name, ...mover } = event;
      const { moverOrdered, ...rest } = machine;
      return { ...rest, mover };
    }
    case 'mover.ordered':
      return { ...machine, moverOrdered: { mover: event.mover, by: event.by, at: event.at } };
    case 'checkpoint.made': {
      const { type, v, seq, by, machine: _name, ...made } = event;
      const others = (machine.checkpoints ?? []).filter(known => known.checkpoint !== event.checkpoint);
      return { ...machine, checkpoints: [...others, made] };
    }
    case 'checkpoint.removed': {
      const left = (machine.checkpoints ?? []).filter(known => known.checkpoint !== event.checkpoint);
      return { ...machine, checkpoints: left };
    }
    case 'replica.advanced': {
      const { type, v, seq, by, machine: _name, ...advanced } = event;
      return { ...machine, ...asLarge(machine, event), advanced };
    }
    case 'dirty.read':
      return {
        ...machine,
        dirty: { checkpoint: event.checkpoint, bytes: event.bytes, at: event.at },
      };
    case 'snapshot.taken': {
      const { type, v, seq, by, machine: _name, ...taken } = event;
      const others = (machine.snapshots ?? []).filter(known => known.snapshot !== event.snapshot);
      return { ...machine, snapshots: [...others, taken] };
    }
    case 'snapshot.removed': {
      const left = (machine.snapshots ?? []).filter(known => known.snapshot !== event.snapshot);
      const { trouble } = event;
      if (trouble === undefined) return { ...machine, snapshots: left };
      const others = (machine.snapshotTroubles ?? []).filter(each => each.mountpoint !== trouble.mountpoint);
      return { ...machine, snapshots: left, snapshotTroubles: [...others, { ...trouble, at: event.at }] };
    }
    case 'hook.ran': {
      const { type, v, seq, by, machine: _name, ...ran } = event;
      return { ...machine, hooks: { ...machine.hooks, [event.moment]: ran } };
    }
    case 'source.cared': {
      const { type, v, seq, by, machine: _name, ...cared } = event;
      if (event.act !== 'release') return { ...machine, cared };
      const { cared: _before, ...rest } = machine;
      return rest;
    }
    case 'compression.sampled': {
      const { type, v, seq, by, machine: _name, ...compression } = event;
      return { ...machine, compression };
    }
    case 'path.surveyed': {
      const { type, v, seq, by, machine: _name, ...survey } = event;
      return { ...machine, survey };
    }
  }
}

/** A full copy that took the place of a volume is as large as its source was in the instant of its checkpoint. */
function asLarge(
  { replica, checkpoints }: MachineState,
  event: Of<'replica.advanced'>,
): Partial<MachineState> {
  const made = checkpoints?.find(({ checkpoint }) => checkpoint === event.checkpoint);
  if (replica === undefined || made === undefined || !event.replaced) return {};
  const volumes = replica.volumes.map(volume => {
    const capacity = made.disks.find(({ disk }) => disk === volume.disk)?.capacity;
    return capacity === undefined ? volume : { ...volume, capacity };
  });
  return { replica: { ...replica, volumes } };
}
