/** Stages that touch hosts: with --step-by-step each waits until its exact commands were seen and approved. */
export const HELD_STAGES = ['inventory', 'build', 'sync'] as const;
