import type { Disk, Partition, PartitionTable } from '../world/world.ts';

/** The script format of sfdisk(8), both ways. */

export function dumpTable(device: string, disk: Disk): string {
  const { table } = disk;
  if (table === null) return '';
  const names = disk.partitions.map(({ number }) => `${device}${number}`);
  const width = Math.max(0, ...names.map(name => name.length));
  const header = [
    `label: ${table.label}`,
    `label-id: ${table.id}`,
    `device: ${device}`,
    'unit: sectors',
    ...(table.label === 'gpt' ? [`first-lba: ${table.firstLba}`, `last-lba: ${disk.bytes / 512 - 34}`] : []),
    'sector-size: 512',
    '',
  ];
  const lines = disk.partitions.map((part, at) => {
    const fields = [
      `start=${String(part.start).padStart(12)}`,
      `size=${String(part.sectors).padStart(12)}`,
      `type=${part.type}`,
      ...(table.label === 'gpt' ? [`uuid=${part.partuuid.toUpperCase()}`] : []),
      ...(part.name === undefined ? [] : [`name="${part.name}"`]),
      ...(part.bootable ? ['bootable'] : []),
    ];
    return `${(names[at] ?? '').padEnd(width)} : ${fields.join(', ')}`;
  });
  return `${[...header, ...lines].join('\n')}\n`;
}

export type ParsedDump =
  | { readonly ok: true; readonly table: PartitionTable; readonly partitions: Partition[] }
  | { readonly ok: false; readonly line: number };

function parseFields(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const match of text.matchAll(/([a-z]+)(?:=\s*("[^"]*"|[^,\s]*))?\s*(?:,|$)/gi)) {
    fields.set((match[1] ?? '').toLowerCase(), (match[2] ?? '').replace(/^"|"$/g, ''));
  }
  return fields;
}

/** Reads a dump; a partition that does not fit the disk, or a line that is none, is refused with its number. */
export function parseDump(text: string, bytes: number): ParsedDump {
  let label: PartitionTable['label'] = 'dos';
  let id = '';
  let firstLba = 0;
  const partitions: Partition[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    const refused: ParsedDump = { ok: false, line: index + 1 };
    if (line === '' || line.startsWith('#')) continue;
    const header = /^([a-z-]+):\s*(.*)$/.exec(line);
    if (header !== null && !line.startsWith('/')) {
      const [, key = '', value = ''] = header;
      if (key === 'label') {
        if (value !== 'gpt' && value !== 'dos') return refused;
        label = value;
      } else if (key === 'label-id') id = value;
      else if (key === 'first-lba') firstLba = Number(value);
      else if (!['device', 'unit', 'last-lba', 'sector-size', 'table-length', 'grain'].includes(key))
        return refused;
      continue;
    }
    const part = /^\/dev\/\S*?(\d+)\s*:\s*(.*)$/.exec(line);
    const fields = parseFields(part?.[2] ?? '');
    const start = Number(fields.get('start') ?? Number.NaN);
    const sectors = Number(fields.get('size') ?? Number.NaN);
    const type = fields.get('type');
    if (
      part === null ||
      type === undefined ||
      !(start > 0) ||
      !(sectors > 0) ||
      (start + sectors) * 512 > bytes
    ) {
      return refused;
    }
    const number = Number(part[1]);
    const uuid = fields.get('uuid')?.toLowerCase();
    partitions.push({
      number,
      start,
      sectors,
      type,
      partuuid: uuid ?? `${id.replace(/^0x/, '')}-${String(number).padStart(2, '0')}`,
      ...(fields.has('name') ? { name: fields.get('name') } : {}),
      ...(fields.has('bootable') ? { bootable: true } : {}),
      fs: null,
    });
  }
  return { ok: true, table: { label, id, firstLba }, partitions };
}
