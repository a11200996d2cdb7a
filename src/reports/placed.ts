import type { MachineState } from '../journal/state.ts';
import type { MachinePlan } from '../plan/schema.ts';
import { own } from '../readiness/copy.ts';
import { openProof } from '../readiness/proofs.ts';
import type { View } from '../step/step.ts';
import type { PlacedReport } from './shape.ts';

/** Everything that landfall has made on hosts, as far as the journal tells: what there is to see and to remove. */
export function placedOf({ plan, state }: View): PlacedReport[] {
  const runtime = `/run/landfall/${state.evacuation?.name ?? plan.name}`;
  return Object.entries(plan.machines).flatMap(([name, wanted]) => {
    const machine = own(state.machines, name);
    if (machine === undefined) return [];
    const about = { machine: name, wanted, known: machine, runtime };
    return [...onSource(about), ...onReceiver(about), ...atTarget(about)];
  });
}

interface About {
  readonly machine: string;
  readonly wanted: MachinePlan;
  readonly known: MachineState;
  readonly runtime: string;
}

function onSource({ machine, known, runtime }: About): PlacedReport[] {
  const key: PlacedReport[] =
    known.path === undefined
      ? []
      : [
          {
            machine,
            site: 'source',
            host: machine,
            what: `the private key of the data path and its files, in memory only: ${runtime}/path-${machine}/`,
            until: 'the source restarts, or the directory is removed',
          },
        ];
  const jobs: PlacedReport[] =
    known.passes.length === 0
      ? []
      : [
          {
            machine,
            site: 'source',
            host: machine,
            what: `logs of passes and verifications, in memory only: ${runtime}/`,
            until: 'the source restarts, or the directory is removed',
          },
        ];
  return [...key, ...jobs];
}

function onReceiver({ machine, known, runtime }: About): PlacedReport[] {
  if (known.path?.opened !== true) return [];
  return [
    {
      machine,
      site: 'target',
      host: `${machine}.receiver`,
      what: `one line in authorized_keys (landfall:${runtime.split('/').at(-1) ?? ''}:${machine}): the key of the source, for rsync into this replica only`,
      expiresAt: known.path.expiresAt,
    },
  ];
}

function atTarget({ machine, wanted, known }: About): PlacedReport[] {
  const place = { machine, site: 'target' as const, host: wanted.target.hypervisor };
  const { receiver, replica, standby } = known;
  const open = openProof(known);
  return [
    ...(standby === undefined
      ? []
      : [
          {
            ...place,
            host: standby.hypervisor,
            what: `the standby: domain ${standby.domain} (${standby.uuid}), shut off and held until cutover`,
            until: 'it is removed by hand: it is what starts at cutover',
          },
        ]),
    ...(open === undefined
      ? []
      : [
          {
            ...place,
            what: `boot proof ${open.proof}: domain ${open.domain}, overlays of the replica's disks, an isolated network`,
            until: 'the proof ends; after a crash the next one removes them first',
          },
        ]),
    ...(receiver === undefined
      ? []
      : [
          {
            ...place,
            what: `the receiver: domain ${receiver.domain} (${receiver.uuid}), which accepts the SSH keys of the control machine, and its own disk ${receiver.domain}.qcow2`,
            until: 'they are removed by hand',
          },
        ]),
    ...(replica?.volumes ?? []).map(({ pool, volume, disk }) => ({
      ...place,
      what: `the replica of disk ${disk}: volume ${volume} in pool ${pool}`,
      until: 'it is removed by hand: it is the copy',
    })),
  ];
}
