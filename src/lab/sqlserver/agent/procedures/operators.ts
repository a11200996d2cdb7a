import type { ProcedureContext, SystemProcedure } from '../../system/procedure.ts';
import { procedure } from '../../system/procedures/define.ts';
import { nvarchar } from '../../values/types.ts';
import { exists, int, invalid, MSDB, name, unknown } from './find.ts';

/** The id of an operator; undefined where there is none of this name. */
export async function operatorNamed(
  context: ProcedureContext,
  operator: string,
): Promise<number | undefined> {
  const [row] = await context.query('msdb', 'SELECT id FROM dbo.sysoperators WHERE name = @name', {
    name: name(operator),
  });
  return row === undefined ? undefined : Number(row['id']);
}

/** The operator that a parameter of a job names: null stays as it is, an empty name is nobody. */
export async function operatorOf(
  context: ProcedureContext,
  parameter: string,
  operator: string | null,
): Promise<number | undefined> {
  if (operator === null) return undefined;
  if (operator.trim() === '') return 0;
  const id = await operatorNamed(context, operator);
  if (id === undefined) throw invalid(parameter, 'sp_help_operator');
  return id;
}

export const OPERATOR_PROCEDURES: readonly SystemProcedure[] = [
  procedure(
    'sp_add_operator',
    `@name sysname; @enabled tinyint = 1; @email_address nvarchar(100) = null; @pager_address nvarchar(100) = null;
     @weekday_pager_start_time int = 90000; @weekday_pager_end_time int = 180000; @saturday_pager_start_time int = 90000;
     @saturday_pager_end_time int = 180000; @sunday_pager_start_time int = 90000; @sunday_pager_end_time int = 180000;
     @pager_days tinyint = 0; @netsend_address nvarchar(100) = null; @category_name sysname = null`,
    async (context, values) => {
      const operator = (values.text('@name') ?? '').trim();
      if ((await operatorNamed(context, operator)) !== undefined) throw exists('@name', operator);
      const address = (parameter: string) => ({ type: nvarchar(100), value: values.text(parameter) });
      await context.query(
        'msdb',
        `INSERT INTO dbo.sysoperators (name, enabled, email_address, last_email_date, last_email_time, pager_address,
           last_pager_date, last_pager_time, weekday_pager_start_time, weekday_pager_end_time, saturday_pager_start_time,
           saturday_pager_end_time, sunday_pager_start_time, sunday_pager_end_time, pager_days, netsend_address,
           last_netsend_date, last_netsend_time, category_id)
         VALUES (@name, @enabled, @email, 0, 0, @pager, 0, 0, @w1, @w2, @s1, @s2, @u1, @u2, @days, @net, 0, 0, 99)`,
        {
          name: name(operator),
          enabled: int(values.integer('@enabled') === 0 ? 0 : 1),
          email: address('@email_address'),
          pager: address('@pager_address'),
          net: address('@netsend_address'),
          w1: int(values.integer('@weekday_pager_start_time')),
          w2: int(values.integer('@weekday_pager_end_time')),
          s1: int(values.integer('@saturday_pager_start_time')),
          s2: int(values.integer('@saturday_pager_end_time')),
          u1: int(values.integer('@sunday_pager_start_time')),
          u2: int(values.integer('@sunday_pager_end_time')),
          days: int(values.integer('@pager_days')),
        },
      );
      return 0;
    },
    MSDB,
  ),
  procedure(
    'sp_delete_operator',
    '@name sysname; @reassign_to_operator sysname = null',
    async (context, values) => {
      const operator = values.text('@name') ?? '';
      const id = await operatorNamed(context, operator);
      if (id === undefined) throw unknown('@name', operator);
      const heir = await operatorOf(context, '@reassign_to_operator', values.text('@reassign_to_operator'));
      await context.query(
        'msdb',
        `UPDATE dbo.sysjobs SET notify_email_operator_id = @heir WHERE notify_email_operator_id = @id;
         DELETE FROM dbo.sysoperators WHERE id = @id;`,
        { id: int(id), heir: int(heir ?? 0) },
      );
      return 0;
    },
    MSDB,
  ),
];
