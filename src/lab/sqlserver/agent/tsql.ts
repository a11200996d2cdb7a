import type { Subsystem } from './subsystem.ts';

/** Transact-SQL steps: a batch in the step's database, by a session of the agent's own. */
export const tsql: Subsystem = {
  name: 'TSQL',
  async run(step, instance, signal, history) {
    history.add('Executed as user: sa.');
    await instance.run(step.databaseName, step.command, {
      signal,
      application: `SQLAgent - TSQL JobStep (Job 0x${step.jobId.replaceAll('-', '')} : Step ${step.stepId})`,
    });
    signal.throwIfAborted();
  },
};
