/** Whether a unit is among those that are held: by its own name, or as an instance of a held template. */
export function isHeldUnit(unit: string, held: readonly string[]): boolean {
  const template = unit.replace(/@[^.]*\./, '@.');
  return held.some(each => {
    const name = each.includes('.') ? each : `${each}.service`;
    return name === unit || name === template;
  });
}

/** Programs whose process is not called as their unit is. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  postfix: ['master'],
  'postfix@-': ['master'],
  exim4: ['exim4', 'exim'],
  sendmail: ['sendmail', 'sendmail-mta'],
  cron: ['cron'],
  crond: ['crond'],
  'zabbix-agent': ['zabbix_agentd'],
  'zabbix-agent2': ['zabbix_agent2'],
  'nagios-nrpe-server': ['nrpe'],
  'prometheus-node-exporter': ['prometheus-node', 'node_exporter'],
  consul: ['consul'],
  pacemaker: ['pacemakerd'],
  pcsd: ['pcsd', 'ruby'],
  mariadb: ['mariadbd', 'mysqld'],
  'bacula-fd': ['bacula-fd'],
};

/** Whether a listening process belongs to a unit that is held; the kernel cuts process names at 15 characters. */
export function isHeldProcess(process: string | undefined, held: readonly string[]): boolean {
  if (process === undefined) return false;
  return held.some(unit => {
    const name = unit.replace(/\.(?:service|timer|socket)$/, '');
    const programs = PROGRAMS[name] ?? [name, name.replace(/@.*$/, '')];
    return programs.some(
      program => program === process || (process.length >= 14 && program.startsWith(process)),
    );
  });
}
