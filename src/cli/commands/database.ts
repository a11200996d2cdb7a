import { DATABASE_ORDERS, LANES } from '../../journal/database-words.ts';
import { COMMON, defineCommand } from '../command.ts';
import { EVACUATION, REASON } from '../ordering.ts';

const ORDERS = [...DATABASE_ORDERS, 'status'] as const;

export const database = defineCommand({
  name: 'database',
  summary: 'SQL Server: assess, seed, replicate, validate, hand over',
  description:
    'One order about the SQL Server databases of the plan, or about one of them:\n' +
    '\n' +
    '  assess     both servers side by side: what stands in the way, table by table, with a remedy\n' +
    '  plan       which lane leads to the copy: hours, bytes, what it leaves out and can lose\n' +
    '  seed       make the copy: capture first, seed second, release last\n' +
    '  reconcile  the part of it that makes the development clone equal to production, row by row\n' +
    '  replicate  all the way until the copy follows, and what comes after\n' +
    '  status     how far the copy is behind, what was compared, what is in the way; reads the journal only\n' +
    '  validate   compare every table while writers run; --repair mends what differs\n' +
    '  besides    logins, users, jobs, settings: what replication does not bring, compared and scripted\n' +
    '  handover   freeze, prove, sever, open: the copy becomes the production\n' +
    '  thaw       give a hand-over up before its point of no return: production as it was\n' +
    '  teardown   take away everything that landfall made on the servers\n' +
    '\n' +
    '"landfall run" does the first of these by itself, up to a copy that follows and is validated. A running engine is ' +
    'ordered and followed; without one, an engine is started for this alone. Ctrl-C here ends only the showing.\n' +
    '\n' +
    'Look before you leap: --dry-run prints every statement, and contacts nobody. Names of servers and tables stand in ' +
    'it once they were assessed.\n' +
    '\n' +
    'Exit code 0: done. Exit code 3: the copy differs, or is not in sync.',
  arguments: [
    {
      name: 'order',
      description: `What to do: ${ORDERS.join(', ')}.`,
      required: true,
      completes: 'nothing',
    },
    EVACUATION,
    { name: 'database', description: 'The database; by default all.', required: false, completes: 'nothing' },
  ],
  options: [
    { ...COMMON.dryRun, description: 'Print every statement in order; execute nothing, contact no server.' },
    {
      name: 'lane',
      value: 'LANE',
      description: 'Take this lane instead of the one that is recommended.',
      choices: LANES,
    },
    { name: 'table', value: 'SCHEMA.TABLE', description: 'Only this table; may be repeated.', many: true },
    { name: 'repair', description: 'For validate: make the rows that differ equal to production.' },
    { name: 'dark', description: 'For handover and teardown: production is gone.' },
    {
      name: 'confirm',
      value: 'NAME',
      description: 'For handover and teardown: the name of the database, typed.',
    },
    REASON,
    {
      name: 'foreground',
      description: 'The engine is this very process: for containers and systemd.',
    },
    { name: 'detached', description: 'The engine that landfall starts for itself.', hidden: true },
    COMMON.json,
    COMMON.state,
    COMMON.sshConfig,
  ],
  examples: [
    {
      command: 'landfall database assess plan.yaml',
      does: 'what stands in the way, before anything is made',
    },
    { command: 'landfall database seed plan.yaml Orders --dry-run', does: 'every statement of the lane' },
    { command: 'landfall database seed plan.yaml Orders --lane clone', does: 'from the development clone' },
    { command: 'landfall database status miami-to-dallas', does: 'how far the copies are behind' },
    {
      command: 'landfall database validate plan.yaml Orders --table dbo.Payments --repair',
      does: 'compare one table, and mend what differs',
    },
    {
      command: 'landfall database handover plan.yaml Orders --confirm Orders',
      does: 'the copy becomes the production',
    },
  ],
  input: words => ({
    order: words.oneOf('order', ORDERS),
    evacuation: words.text('evacuation'),
    database: words.text('database'),
    lane: words.text('lane') === undefined ? undefined : words.oneOf('lane', LANES),
    tables: words.texts('table'),
    repair: words.flag('repair'),
    dark: words.flag('dark'),
    confirm: words.text('confirm'),
    reason: words.text('reason'),
    dryRun: words.flag('dry-run'),
    foreground: words.flag('foreground') || words.flag('detached'),
    json: words.flag('json'),
    state: words.text('state'),
    sshConfig: words.text('ssh-config'),
  }),
  async run(io, { order, ...input }) {
    const { databaseDryRun, databaseHere, databaseOrder, databaseStatus } = await import('../databasing.ts');
    if (order === 'status') return databaseStatus(io, input);
    const ordered = { ...input, order };
    if (input.dryRun) return databaseDryRun(io, ordered);
    return input.foreground ? databaseHere(io, ordered) : databaseOrder(io, ordered);
  },
});
