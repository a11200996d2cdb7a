import { SqlError } from '../../errors.ts';
import type { ConfigurationOption } from '../../server/instance.ts';
import { serverPermitted } from '../../server/permissions.ts';
import { notPermitted } from '../faults.ts';
import type { ProcedureContext } from '../procedure.ts';
import { columns, procedure } from './define.ts';

const SHOWN = columns('name nvarchar(35)', 'minimum int', 'maximum int', 'config_value int', 'run_value int');

const row = (option: ConfigurationOption) => [
  option.name,
  option.minimum,
  option.maximum,
  option.configured,
  option.running,
];

/** Options that may be seen: the advanced ones with 'show advanced options' alone. */
function visible(context: ProcedureContext): readonly ConfigurationOption[] {
  const { configuration } = context.instance;
  const advanced = configuration.value('show advanced options') === 1;
  return configuration.options().filter(option => advanced || !option.advanced);
}

export const configure = procedure(
  'sp_configure',
  '@configname varchar(35) = null; @configvalue int = null',
  (context, values) => {
    const given = values.text('@configname')?.trim() ?? null;
    const name = given?.toLowerCase() ?? null;
    const value = values.integer('@configvalue');
    const all = visible(context);
    if (name === null) {
      context.result(
        SHOWN,
        all.map(row).sort(([left], [right]) => (String(left) < String(right) ? -1 : 1)),
      );
      return 0;
    }
    const exact = all.filter(option => option.name.toLowerCase() === name);
    const like = all.filter(option => option.name.toLowerCase().includes(name));
    const found = exact.length === 1 ? exact : like;
    const [option] = found;
    if (option === undefined)
      throw new SqlError(
        15123,
        `The configuration option '${given}' does not exist, or it may be an advanced option.`,
      );
    if (found.length > 1) {
      context.result(
        columns('duplicate_options nvarchar(70)'),
        found.map(each => [each.name]),
      );
      throw new SqlError(15124, `The configuration option '${given}' is not unique.`);
    }
    if (value === null) {
      context.result(SHOWN, [row(option)]);
      return 0;
    }
    const login = context.instance.principals.find(context.session.login);
    if (login === undefined || !serverPermitted(context.instance, login, 'ALTER SETTINGS'))
      throw notPermitted();
    if (context.transaction !== undefined)
      throw new SqlError(15002, "The procedure 'sys.sp_configure' cannot be executed within a transaction.");
    if (value < option.minimum || value > option.maximum)
      throw new SqlError(15129, `'${value}' is not a valid value for configuration option '${option.name}'.`);
    context.instance.configuration.set(option.name, value);
    context.message(
      `Configuration option '${option.name}' changed from ${option.configured} to ${value}. Run the RECONFIGURE statement to install.`,
      { number: 15457 },
    );
    return 0;
  },
);
