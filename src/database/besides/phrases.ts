import type { DatabaseRef } from '../names.ts';
import { bytes, call, compose, name, number, type Phrase, text, words } from './phrase.ts';

/** Everything that is made at the subscriber, one sentence each; (facts 4). */
export function phrasesFor(ref: Pick<DatabaseRef, 'copy'>) {
  const server = (title: string) => ({ title, on: 'subscriber', database: 'master' }) as const;
  const agent = (title: string) => ({ title, on: 'subscriber', database: 'msdb' }) as const;
  const copy = (title: string) => ({ title, on: 'subscriber', database: ref.copy }) as const;
  return {
    // The policy is off while the hash is loaded: a hash cannot be checked against it. It is set as found afterwards.
    login: compose(server('a SQL login with the SID and the password that it has on the publisher'))`
CREATE LOGIN ${name('login')} WITH PASSWORD = ${bytes('hash')} HASHED, SID = ${bytes('sid')}, DEFAULT_DATABASE = ${name('database')}, DEFAULT_LANGUAGE = ${name('language')}, CHECK_POLICY = OFF, CHECK_EXPIRATION = OFF;`,
    windowsLogin: compose(server('a Windows login or group'))`
CREATE LOGIN ${name('login')} FROM WINDOWS WITH DEFAULT_DATABASE = ${name('database')}, DEFAULT_LANGUAGE = ${name('language')};`,
    loginPolicy: compose(server('the password policy of a login'))`
ALTER LOGIN ${name('login')} WITH CHECK_POLICY = ${words('policy')}, CHECK_EXPIRATION = ${words('expiration')};`,
    loginState: compose(server('a login enabled or disabled as it is on the publisher'))`
ALTER LOGIN ${name('login')} ${words('state')};`,
    loginPassword: compose(server('the password that the login has on the publisher'))`
ALTER LOGIN ${name('login')} WITH PASSWORD = ${bytes('hash')} HASHED;`,
    serverRole: compose(server('a server role'))`CREATE SERVER ROLE ${name('role')};`,
    serverMember: compose(server('a member of a server role'))`
ALTER SERVER ROLE ${name('role')} ADD MEMBER ${name('member')};`,
    serverPermission: compose(server('a permission on the server'))`
${words('verb')} ${words('permission')} TO ${name('grantee')}${words('tail')};`,
    user: compose(copy('a user of a login'))`
CREATE USER ${name('user')} FOR LOGIN ${name('login')} WITH DEFAULT_SCHEMA = ${name('schema')};`,
    userWithoutLogin: compose(copy('a user without a login'))`
CREATE USER ${name('user')} WITHOUT LOGIN WITH DEFAULT_SCHEMA = ${name('schema')};`,
    orphan: compose(copy('a user whose login is found again'))`
ALTER USER ${name('user')} WITH LOGIN = ${name('login')};`,
    role: compose(copy('a role'))`CREATE ROLE ${name('role')};`,
    member: compose(copy('a member of a role'))`ALTER ROLE ${name('role')} ADD MEMBER ${name('member')};`,
    permission: compose(copy('a permission on the database'))`
${words('verb')} ${words('permission')} TO ${name('grantee')}${words('tail')};`,
    schemaPermission: compose(copy('a permission on a schema'))`
${words('verb')} ${words('permission')} ON SCHEMA::${name('schema')} TO ${name('grantee')}${words('tail')};`,
    objectPermission: compose(copy('a permission on an object'))`
${words('verb')} ${words('permission')} ON OBJECT::${name('schema')}.${name('object')} TO ${name('grantee')}${words('tail')};`,
    columnPermission: compose(copy('a permission on a column'))`
${words('verb')} ${words('permission')} (${name('column')}) ON OBJECT::${name('schema')}.${name('object')} TO ${name('grantee')}${words('tail')};`,
    operator: call(agent('an operator'))`
EXEC dbo.sp_add_operator @name = ${text('name')}, @enabled = ${number('enabled')}, @email_address = ${text('email')};`,
    // A job without a server to run on is one that a crash left half made.
    dropJob: call(agent('a job that was left half made'))`EXEC dbo.sp_delete_job @job_name = ${text('job')};`,
    job: call(agent('a job, disabled'))`
EXEC dbo.sp_add_job @job_name = ${text('job')}, @enabled = 0, @description = ${text('description')}, @start_step_id = ${number('start')},
  @category_name = ${text('category')}, @owner_login_name = ${text('owner')};`,
    jobStep: call(agent('a step of a job'))`
EXEC dbo.sp_add_jobstep @job_name = ${text('job')}, @step_id = ${number('step')}, @step_name = ${text('name')}, @subsystem = ${text('subsystem')},
  @command = ${text('command')}, @database_name = ${text('database')},
  @on_success_action = ${number('onSuccess')}, @on_success_step_id = ${number('onSuccessStep')},
  @on_fail_action = ${number('onFail')}, @on_fail_step_id = ${number('onFailStep')},
  @retry_attempts = ${number('retries')}, @retry_interval = ${number('retryInterval')};`,
    jobSchedule: call(agent('a schedule of a job'))`
EXEC dbo.sp_add_jobschedule @job_name = ${text('job')}, @name = ${text('name')}, @enabled = ${number('enabled')},
  @freq_type = ${number('type')}, @freq_interval = ${number('interval')},
  @freq_subday_type = ${number('subdayType')}, @freq_subday_interval = ${number('subdayInterval')},
  @freq_relative_interval = ${number('relativeInterval')}, @freq_recurrence_factor = ${number('recurrenceFactor')},
  @active_start_date = ${number('startDate')}, @active_end_date = ${number('endDate')},
  @active_start_time = ${number('startTime')}, @active_end_time = ${number('endTime')};`,
    jobNotify: call(agent('whom a job tells when it fails'))`
EXEC dbo.sp_update_job @job_name = ${text('job')}, @notify_level_email = ${number('level')}, @notify_email_operator_name = ${text('operator')};`,
    jobServer: call(agent('the server on which a job runs'))`
EXEC dbo.sp_add_jobserver @job_name = ${text('job')}, @server_name = N'(local)';`,
  } as const satisfies Record<string, Phrase>;
}

export type Phrases = ReturnType<typeof phrasesFor>;
export type PhraseName = keyof Phrases;
