/** The machines of the lab, in the order of their addresses. On its own, so that naming one loads nothing else. */
export const MACHINE_NAMES = ['db1', 'app1', 'app2', 'mail1', 'files1', 'web1'] as const;

export type MachineName = (typeof MACHINE_NAMES)[number];

/** The host that a machine's standby becomes when it boots. */
export const standbyId = (machine: string): string => `${machine}.standby`;
