import type { CheckPlan } from '../plan/schema.ts';
import type { Argv } from '../remote/host.ts';
import { TOOLS } from './script.ts';

/**
 * One check of the plan, asked of a machine that runs and is reached by SSH. POSIX sh; arguments: `command WORD…`,
 * `tcp PORT` or `http URL`. It ends as the check did, 127 where the machine has no program for it.
 */
export const CHECK_SCRIPT = `LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
${TOOLS}
own=" $(hostname -I 2>/dev/null) "
kind=$1
shift
case $kind in
  command) again 2 limit 30 "$@" ;;
  tcp) again 2 listens "$1" ;;
  http) again 2 fetch "$1" ;;
  *) exit 2 ;;
esac
`;

export function checkCommand(check: CheckPlan): Argv {
  const words =
    'command' in check
      ? ['command', ...check.command]
      : 'tcp' in check
        ? ['tcp', String(check.tcp)]
        : ['http', check.http];
  return ['sh', '-c', CHECK_SCRIPT, 'sh', ...words];
}
