import { attribute, find, textOf, type XmlElement } from './xml-tree.ts';

/** Bytes of `<memory>`; its unit is KiB where none is written. */
export function memoryOf(domain: XmlElement): number | undefined {
  const memory = find(domain, 'memory');
  const unit = UNITS[(attribute(memory, 'unit') ?? 'KiB').toLowerCase()];
  const count = textOf(memory);
  return unit === undefined || !/^\d+$/.test(count) ? undefined : Number(count) * unit;
}

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  kb: 1000,
  k: 1024,
  kib: 1024,
  mb: 1e6,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  gb: 1e9,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  tb: 1e12,
  t: 1024 ** 4,
  tib: 1024 ** 4,
};
