import { readFileSync } from 'node:fs';
import { mapPath } from '../hosts/mounts.ts';
import { setActive } from '../hosts/volume-groups.ts';
import {
  fileSystemOf,
  findDevice,
  isMounted,
  mapperName,
  type PhysicalVolume,
  physicalVolumes,
  setFileSystem,
} from '../world/block-devices.ts';
import {
  type Answer,
  answer,
  type LogicalVolume,
  refusal,
  type SimHost,
  type VolumeGroup,
  type World,
} from '../world/world.ts';
import { groupText, parseGroupText } from './lvm-metadata.ts';
import { parseOptions, usageError } from './options.ts';
import { EXTENT, freeBytes, percentOf, snapshotTools } from './snapshot-tools.ts';
import type { Tool } from './tool-box.ts';

/** LVM 2.03, for groups of one physical volume and linear volumes. Its only failure code is 5; usage errors are 3. */

const FAILED = 5;
const failed = (...lines: string[]): Answer => refusal(lines.map(line => `  ${line}\n`).join(''), FAILED);

type Row = Readonly<Record<string, string>>;

const FLAGS = [
  '--readonly',
  '--noheadings',
  '--nosuffix',
  '-a',
  '--yes',
  '-y',
  '-q',
  '--quiet',
  '-f',
  '--force',
];
const VALUED = [
  '--units',
  '--separator',
  '-o',
  '--options',
  '--reportformat',
  '--config',
  '--uuid',
  '--restorefile',
  '--file',
  '--devicesfile',
  '--devices',
];

/** The physical volumes that a command may see, by the `filter` of its `--config`. */
function visible(host: SimHost, config: string | undefined): PhysicalVolume[] {
  const all = physicalVolumes(host);
  const filter = /(?:^|[\s{])filter=\[(.*?)\]/.exec(config ?? '')?.[1];
  if (filter === undefined) return all;
  const rules = [...filter.matchAll(/"([ar])(.)(.*?)\2"/g)].map(([, verdict, , pattern = '']) => ({
    accepts: verdict === 'a',
    pattern: new RegExp(pattern),
  }));
  return all.filter(pv => rules.find(({ pattern }) => pattern.test(pv.device.path))?.accepts ?? true);
}

const pvRow = ({ device, uuid, group }: PhysicalVolume): Row => ({
  pv_name: device.path,
  pv_uuid: uuid,
  vg_name: group?.name ?? '',
  pv_size: String(Math.floor(device.bytes / EXTENT) * EXTENT - (group === null ? 0 : EXTENT)),
});

/** The fifth letter of a snapshot that ran full is I. */
function stateOf(
  volume: LogicalVolume,
  all: readonly LogicalVolume[],
): { lv_attr: string; data_percent: string } {
  if (volume.snapshot === undefined) {
    const isOrigin = all.some(({ snapshot }) => snapshot?.origin === volume.name);
    return { lv_attr: isOrigin ? 'owi-aos---' : '-wi-ao----', data_percent: '' };
  }
  const percent = percentOf(volume);
  return { lv_attr: percent >= 100 ? 'swi-Ios---' : 'swi-aos---', data_percent: percent.toFixed(2) };
}

const REPORTS: Readonly<
  Record<string, { readonly key: string; rows(pvs: readonly PhysicalVolume[]): Row[] }>
> = {
  pvs: { key: 'pv', rows: pvs => pvs.map(pvRow) },
  vgs: {
    key: 'vg',
    rows: pvs =>
      pvs.flatMap(pv =>
        pv.group === null
          ? []
          : [
              {
                vg_name: pv.group.name,
                vg_uuid: pv.group.uuid,
                vg_seqno: String(pv.group.volumes.length + 1),
                vg_free: String(freeBytes(pv.group, pv.device)),
                vg_extent_size: String(EXTENT),
                pv_name: pv.device.path,
              },
            ],
      ),
  },
  lvs: {
    key: 'lv',
    rows: pvs =>
      pvs.flatMap(({ group }) =>
        (group?.volumes ?? []).map(volume => ({
          vg_name: group?.name ?? '',
          lv_name: volume.name,
          lv_uuid: volume.uuid,
          lv_size: String(volume.snapshot?.room ?? volume.bytes),
          segtype: 'linear',
          pool_lv: '',
          ...stateOf(volume, group?.volumes ?? []),
        })),
      ),
  },
};

const report: Tool = ({ tool, host, args }) => {
  const known = REPORTS[tool];
  const parsed = parseOptions(args, FLAGS, VALUED);
  if (known === undefined || !parsed.ok) return refusal(parsed.ok ? '' : usageError(tool, parsed), 3);
  const { values } = parsed;
  const columns = (values.get('-o') ?? values.get('--options') ?? '').split(',');
  const all = known.rows(visible(host, values.get('--config')));
  const rows = all.filter(row => {
    const name = row['lv_name'] === undefined ? row['vg_name'] : `${row['vg_name']}/${row['lv_name']}`;
    return parsed.operands.length === 0 || parsed.operands.includes(name ?? '');
  });
  if (parsed.operands.length > 0 && rows.length === 0)
    return failed(`Failed to find logical volume "${parsed.operands[0] ?? ''}"`);
  const unknown = columns.find(column => rows.some(row => row[column] === undefined));
  if (unknown !== undefined) return refusal(`  Unrecognised field: ${unknown}\n`, 3);
  const shown = rows.map(row => Object.fromEntries(columns.map(column => [column, row[column] ?? ''])));
  if (values.get('--reportformat') === 'json') {
    return answer(`${JSON.stringify({ report: [{ [known.key]: shown }] }, null, 2)}\n`);
  }
  const separator = values.get('--separator') ?? ' ';
  return answer(shown.map(row => `  ${Object.values(row).join(separator)}\n`).join(''));
};

export function lvmTools(world: World): Readonly<Record<string, Tool>> {
  /** Refuses what would change a source. */
  const changing =
    (run: Tool): Tool =>
    call => {
      if (call.host.role !== 'machine') return run(call);
      const why = 'a source machine is production: its volume groups are not changed';
      world.violation(call.host.id, [call.tool, ...call.args].join(' '), why);
      return failed('Operation not permitted');
    };
  const textOf = (host: SimHost, file: string): VolumeGroup | string => {
    try {
      const group = parseGroupText(readFileSync(mapPath(world.directory, host.mounts, file), 'utf8'));
      return group ?? `Couldn't parse volume group metadata in ${file}`;
    } catch {
      return `${file}: stat failed: No such file or directory`;
    }
  };

  const pvcreate = changing(({ host, args }) => {
    const parsed = parseOptions(args, FLAGS, VALUED);
    if (!parsed.ok) return refusal(usageError('pvcreate', parsed), 3);
    const [name = ''] = parsed.operands;
    const device = findDevice(host, name);
    if (device === undefined) return failed(`Device ${name} not found.`);
    if (isMounted(host, name)) return failed(`Can't open ${name} exclusively.  Mounted filesystem?`);
    const old = fileSystemOf(device);
    if (old?.group)
      return failed(
        `Can't initialize physical volume "${name}" of volume group "${old.group.name}" without -ff`,
      );
    const uuid = parsed.values.get('--uuid');
    const restore = parsed.values.get('--restorefile');
    if (uuid === undefined || restore === undefined)
      return failed('the lab knows pvcreate with --uuid and --restorefile only');
    if (typeof textOf(host, restore) === 'string')
      return failed(`Unable to read volume group from ${restore}`);
    const twin = physicalVolumes(host).find(pv => pv.uuid === uuid && pv.device.path !== device.path);
    if (twin !== undefined) return failed(`uuid ${uuid} already in use on "${twin.device.path}"`);
    setFileSystem(device, { type: 'LVM2_member', uuid, label: null, directory: null, group: null });
    world.changed(host.id);
    return answer(`  Physical volume "${name}" successfully created.\n`);
  });

  const vgcfgrestore = changing(({ host, args }) => {
    const parsed = parseOptions(args, FLAGS, VALUED);
    if (!parsed.ok) return refusal(usageError('vgcfgrestore', parsed), 3);
    const [name = ''] = parsed.operands;
    const file = parsed.values.get('--file') ?? '';
    const text = textOf(host, file);
    if (typeof text === 'string') return failed(text);
    if (text.name !== name) return failed(`Volume group ${name} not found in ${file}`);
    const wanted = readFileSync(mapPath(world.directory, host.mounts, file), 'utf8');
    const pv = visible(host, parsed.values.get('--config')).find(({ uuid }) => wanted.includes(uuid));
    if (pv === undefined)
      return failed(
        `Couldn't find device with uuid of ${name}.`,
        `Cannot restore Volume Group ${name} with missing PVs.`,
      );
    if (host.groups.includes(name))
      return failed(`Volume group ${name} has active volumes, it is not restored.`);
    setFileSystem(pv.device, {
      type: 'LVM2_member',
      uuid: pv.uuid,
      label: null,
      directory: null,
      group: text,
    });
    world.changed(host.id);
    return answer(`  Restored volume group ${name}.\n`);
  });

  const vgchange = changing(({ host, args }) => {
    const verdict = args.includes('-ay') ? true : args.includes('-an') ? false : undefined;
    const parsed = parseOptions(
      args.filter(word => word !== '-ay' && word !== '-an'),
      FLAGS,
      VALUED,
    );
    if (!parsed.ok || verdict === undefined)
      return refusal(parsed.ok ? '' : usageError('vgchange', parsed), 3);
    const [name = ''] = parsed.operands;
    const group = visible(host, parsed.values.get('--config')).find(pv => pv.group?.name === name)?.group;
    if (group === undefined || group === null)
      return failed(`Volume group "${name}" not found`, `Cannot process volume group ${name}`);
    const open = group.volumes.filter(volume =>
      isMounted(host, `/dev/mapper/${mapperName(name, volume.name)}`),
    );
    if (!verdict && open[0] !== undefined)
      return failed(`Logical volume ${name}/${open[0].name} contains a filesystem in use.`);
    setActive(world, host, [name], verdict);
    return answer(
      `  ${verdict ? group.volumes.length : 0} logical volume(s) in volume group "${name}" now active\n`,
    );
  });

  /** `pvck --dump metadata DEVICE` prints what lies on the disk. */
  const pvck: Tool = ({ host, args }) => {
    const [dump, what, name = ''] = args;
    const pv = physicalVolumes(host).find(({ device }) => device.path === name);
    if (dump !== '--dump' || what !== 'metadata' || !pv?.group) return failed(`Cannot find ${name}`);
    return answer(
      `  metadata text at 4608 crc Oxd7a4b4b9 # vgname ${pv.group.name} seqno ${pv.group.volumes.length + 1}\n  ---\n${groupText(pv)}\n`,
    );
  };

  return {
    ...snapshotTools(world),
    pvs: report,
    vgs: report,
    lvs: report,
    pvcreate,
    vgcfgrestore,
    vgchange,
    pvck,
  };
}
