import { SqlError } from '../../errors.ts';
import type { ProcedureContext, SystemProcedure } from '../../system/procedure.ts';
import { answer } from '../columns.ts';
import { needsSysadmin } from '../faults.ts';
import { bit, int, output, procedure, sysname, text } from '../parameters.ts';
import { quoted, same } from '../places.ts';

/** Agent profiles of a distributor: ordinary tables of msdb. */

const noProfile = (): SqlError => new SqlError(20066, 'Profile not defined.');

async function mustBeThere(context: ProcedureContext, id: number | null): Promise<number> {
  const rows = await context.query(
    'msdb',
    `SELECT profile_id FROM dbo.MSagent_profiles WHERE profile_id = ${id ?? 0}`,
  );
  if (rows.length === 0) throw noProfile();
  return id ?? 0;
}

const help = procedure(
  'sp_help_agent_profile',
  [int('@agent_type', 0), int('@profile_id', -1)],
  async (context, values) => {
    const [type, id] = [values.integer('@agent_type') ?? 0, values.integer('@profile_id') ?? -1];
    if (![0, 1, 2, 3, 4, 9].includes(type)) throw wrongType();
    const rows = await context.query(
      'msdb',
      `SELECT profile_id, profile_name, agent_type, type, description, def_profile FROM dbo.MSagent_profiles
WHERE (${type} = 0 OR agent_type = ${type}) AND (${id} = -1 OR profile_id = ${id}) ORDER BY agent_type, profile_id`,
    );
    answer(
      context,
      [
        ...([
          ['profile_id', 'int'],
          ['profile_name', 'sysname'],
          ['agent_type', 'int'],
        ] as const),
        ...([
          ['type', 'int'],
          ['description', 'text'],
          ['def_profile', 'bit'],
        ] as const),
      ],
      rows,
    );
    return 0;
  },
);

const wrongType = (): SqlError =>
  new SqlError(20058, 'The @agent_type must be 1 (Snapshot), 2 (Logreader), 3 (Distribution), or 4 (Merge)');

const add = procedure(
  'sp_add_agent_profile',
  [
    ...[output(int('@profile_id', null)), sysname('@profile_name'), int('@agent_type')],
    ...[int('@profile_type', 1), text(3000)('@description', null), bit('@default', 0)],
  ],
  async (context, values) => {
    needsSysadmin(context);
    const type = values.integer('@agent_type') ?? 0;
    if (![1, 2, 3].includes(type)) throw wrongType();
    if (![0, 1].includes(values.integer('@profile_type') ?? 1))
      throw new SqlError(20059, 'The @profile_type must be 0 (System) or 1 (Custom)');
    const name = values.text('@profile_name') ?? '';
    const known = await context.query(
      'msdb',
      `SELECT profile_id, profile_name, def_profile FROM dbo.MSagent_profiles WHERE agent_type = ${type}`,
    );
    if (known.some(row => same(String(row['profile_name']), name)))
      throw new SqlError(20057, `The profile name '${name}' already exists for the specified agent type.`);
    const standard = Number(known.find(row => row['def_profile'] === 1)?.['profile_id'] ?? 0);
    const isDefault = values.integer('@default') === 1;
    const description = values.text('@description');
    const [made] = await context.query(
      'msdb',
      `DECLARE @id int = (SELECT MAX(profile_id) + 1 FROM dbo.MSagent_profiles);
${isDefault ? `UPDATE dbo.MSagent_profiles SET def_profile = 0 WHERE agent_type = ${type};` : ''}
INSERT dbo.MSagent_profiles (profile_id, profile_name, agent_type, type, description, def_profile)
VALUES (@id, ${quoted(name)}, ${type}, ${values.integer('@profile_type') ?? 1}, ${description === null ? 'NULL' : quoted(description)}, ${isDefault ? 1 : 0});
INSERT dbo.MSagent_parameters (profile_id, parameter_name, value) SELECT @id, parameter_name, value FROM dbo.MSagent_parameters WHERE profile_id = ${standard};
SELECT @id AS id`,
    );
    context.output('@profile_id', Number(made?.['id']));
    return 0;
  },
);

const drop = procedure('sp_drop_agent_profile', [int('@profile_id')], async (context, values) => {
  needsSysadmin(context);
  const id = values.integer('@profile_id') ?? 0;
  const [profile] = await context.query(
    'msdb',
    `SELECT type, def_profile FROM dbo.MSagent_profiles WHERE profile_id = ${id}`,
  );
  if (profile === undefined || profile['def_profile'] === 1 || profile['type'] === 0)
    throw new SqlError(
      20064,
      'Cannot drop profile. Either it is not defined or it is defined as the default profile.',
    );
  for (const database of context.instance.databases.values()) {
    if (!database.options.distributor || database.store === undefined) continue;
    const used = await context.query(
      database.name,
      `SELECT 1 AS used FROM dbo.MSdistribution_agents WHERE profile_id = ${id} UNION ALL SELECT 1 FROM dbo.MSlogreader_agents WHERE profile_id = ${id}
UNION ALL SELECT 1 FROM dbo.MSsnapshot_agents WHERE profile_id = ${id}`,
    );
    if (used.length > 0) throw new SqlError(20065, 'Cannot drop profile because it is in use.');
  }
  await context.query(
    'msdb',
    `DELETE dbo.MSagent_parameters WHERE profile_id = ${id}; DELETE dbo.MSagent_profiles WHERE profile_id = ${id}`,
  );
  return 0;
});

const helpParameter = procedure(
  'sp_help_agent_parameter',
  [int('@profile_id', -1)],
  async (context, values) => {
    const id = values.integer('@profile_id') ?? -1;
    const rows = await context.query(
      'msdb',
      `SELECT profile_id, parameter_name, value FROM dbo.MSagent_parameters WHERE ${id} = -1 OR profile_id = ${id} ORDER BY profile_id, parameter_name`,
    );
    answer(
      context,
      [
        ['profile_id', 'int'],
        ['parameter_name', 'sysname'],
        ['value', 'text'],
      ],
      rows,
    );
    return 0;
  },
);

const dashed = (name: string): string => (name.startsWith('-') ? name : `-${name}`);

const addParameter = procedure(
  'sp_add_agent_parameter',
  [int('@profile_id'), sysname('@parameter_name'), text(255)('@parameter_value')],
  async (context, values) => {
    needsSysadmin(context);
    const id = await mustBeThere(context, values.integer('@profile_id'));
    const name = dashed(values.text('@parameter_name') ?? '');
    const there = await context.query(
      'msdb',
      `SELECT value FROM dbo.MSagent_parameters WHERE profile_id = ${id} AND parameter_name = ${quoted(name)}`,
    );
    if (there.length > 0)
      throw new SqlError(20067, `The parameter name '${name}' already exists for the specified profile.`);
    await context.query(
      'msdb',
      `INSERT dbo.MSagent_parameters (profile_id, parameter_name, value) VALUES (${id}, ${quoted(name)}, ${quoted(values.text('@parameter_value') ?? '')})`,
    );
    return 0;
  },
);

const changeParameter = procedure(
  'sp_change_agent_parameter',
  [int('@profile_id'), sysname('@parameter_name'), text(255)('@parameter_value')],
  async (context, values) => {
    needsSysadmin(context);
    const id = await mustBeThere(context, values.integer('@profile_id'));
    await context.query(
      'msdb',
      `UPDATE dbo.MSagent_parameters SET value = ${quoted(values.text('@parameter_value') ?? '')} WHERE profile_id = ${id} AND parameter_name = ${quoted(dashed(values.text('@parameter_name') ?? ''))}`,
    );
    return 0;
  },
);

const dropParameter = procedure(
  'sp_drop_agent_parameter',
  [int('@profile_id'), sysname('@parameter_name', '%')],
  async (context, values) => {
    needsSysadmin(context);
    const id = await mustBeThere(context, values.integer('@profile_id'));
    const name = values.text('@parameter_name') ?? '%';
    await context.query(
      'msdb',
      `DELETE dbo.MSagent_parameters WHERE profile_id = ${id}${name === '%' ? '' : ` AND parameter_name = ${quoted(dashed(name))}`}`,
    );
    return 0;
  },
);

export const PROFILE_PROCEDURES: readonly SystemProcedure[] = [
  ...[help, add, drop],
  ...[helpParameter, addParameter, changeParameter, dropParameter],
];
