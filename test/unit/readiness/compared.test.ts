import { expect, it } from 'vitest';
import { comparedWords } from '../../../src/readiness/compared.ts';

it('says what was compared, and of a sample what it is worth', () => {
  expect(comparedWords({ filesCompared: 312, bytesCompared: 5e6 })).toBe('312 files, 5.00 MB');
  expect(comparedWords({ filesCompared: 0, bytesCompared: 5e9, disks: ['vda', 'vdb'] })).toBe(
    '2 disks, 5.00 GB',
  );
  const sample = { compared: 312, of: 40_000, unit: 'file' as const, damagedShare: 0.01, detection: 0.9565 };
  expect(comparedWords({ filesCompared: 312, bytesCompared: 5e6, sample })).toBe(
    'by sample: 312 of 40000 files, 5.00 MB; finds 1 % damage with 95.6 %',
  );
});
