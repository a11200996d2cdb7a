import { counted, formatBytes } from '../foundation/units.ts';
import type { MachineState } from '../journal/state.ts';

type Verified = Pick<
  NonNullable<MachineState['verified']>,
  'filesCompared' | 'bytesCompared' | 'disks' | 'sample'
>;

/** What a comparison covered and, of a sample, what it is worth: said wherever a copy is called verified. */
export function comparedWords({ filesCompared, bytesCompared, disks, sample }: Verified): string {
  if (sample === undefined)
    return `${disks === undefined ? counted(filesCompared, 'file') : counted(disks.length, 'disk')}, ${formatBytes(bytesCompared)}`;
  const { compared, of, unit, damagedShare, detection } = sample;
  const percent = (share: number): string => `${Math.floor(share * 1000) / 10} %`;
  const whole = unit === 'piece' ? counted(of, 'piece') : counted(of, 'file');
  return `by sample: ${compared} of ${whole}, ${formatBytes(bytesCompared)}; finds ${percent(damagedShare)} damage with ${percent(detection)}`;
}
