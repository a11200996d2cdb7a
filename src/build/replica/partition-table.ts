import { partitionInfix, partitionNumber } from '../../tools/block-devices.ts';

/**
 * An `sfdisk --dump` for another device: names in the header and at the head of each line change, everything else
 * (label, GUIDs, types, attributes, sizes) stays. Dumps of util-linux before 2.26 list empty slots (`size= 0`): those
 * lines are left out, because newer versions take them for real partitions.
 */
export function rewriteDump(dump: string, source: string, device: string): string {
  const lines = dump.split('\n').flatMap(line => {
    if (line.startsWith('#')) return [];
    if (/^device:/.test(line)) return [`device: ${device}`];
    const [, name, rest] = /^(\/\S+)\s*:\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || rest === undefined) return [line];
    const number = partitionNumber(source, name);
    if (number === undefined || /\bsize=\s*0\s*(?:,|$)/.test(rest)) return [];
    return [`${device}${partitionInfix(device)}${number} : ${rest}`];
  });
  return `${lines.join('\n').trim()}\n`;
}
