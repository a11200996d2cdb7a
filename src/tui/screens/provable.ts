import type { MachineRow } from '../../reports/rows.ts';
import type { View } from '../screen.ts';

/** A copy that can be booted: a pass of it has ended. */
export const provable = ({ pass, ended }: MachineRow): boolean =>
  ended !== undefined || pass?.tookMs !== undefined;

/** The copies that could be proved and are not, and for which nobody has ordered it yet. */
export const unproven = ({ rows }: Pick<View, 'rows'>): readonly MachineRow[] =>
  rows.filter(
    row =>
      provable(row) &&
      row.failure === undefined &&
      row.proof.standing !== 'proven' &&
      row.proof.standing !== 'failed' &&
      row.proof.course === undefined,
  );

/** Every machine has a verified copy: nothing but the proof is left of it. */
export const isAllVerified = ({ rows }: Pick<View, 'rows'>): boolean =>
  rows.length > 0 && rows.every(row => row.verification?.current === true);

export const isAllProven = ({ rows }: Pick<View, 'rows'>): boolean =>
  rows.length > 0 && rows.every(row => row.proof.standing === 'proven');
