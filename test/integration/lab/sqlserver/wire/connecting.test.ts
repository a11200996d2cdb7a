import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SqlError } from '../../../../../src/lab/sqlserver/errors.ts';
import { makeCertificate } from '../../../../../src/lab/sqlserver/wire/certificate.ts';
import { connected, pool, Request, rowsOf, started } from './clients.ts';
import { scripted, table } from './scripted.ts';

const answering = () => scripted({ call: () => [...table([['a', { kind: 'int' }]], [5])] });

const TRUSTING = { encrypt: true, trustServerCertificate: true } as const;

describe('the unmodified driver connects', () => {
  it.each([
    ['off', {}],
    ['on', {}],
    ['on', TRUSTING],
    ['required', TRUSTING],
  ] as const)('to a server with encryption %s with %j', async (encryption, options) => {
    const server = await started(answering(), { encryption });
    const client = await pool(server, {}, options);
    expect((await client.query('x')).recordset).toEqual([{ a: 5 }]);
  });

  it.each(['on', 'required', 'strict-only'] as const)('by TDS 8 to a server with %s', async encryption => {
    const certificate = await makeCertificate(['localhost']);
    const listener = answering();
    const server = await started(listener, { encryption, certificate });
    const connection = await connected(server, {
      encrypt: 'strict',
      cryptoCredentialsDetails: { ca: certificate.cert },
    });
    expect(await rowsOf(connection, settle => new Request('x', settle))).toEqual([[5]]);
    expect(listener.sessions).toHaveLength(1);
  });

  it('by TDS 8 with its own version number', async () => {
    const certificate = await makeCertificate(['localhost']);
    const server = await started(answering(), { encryption: 'strict-only', certificate });
    const connection = await connected(server, {
      encrypt: 'strict',
      tdsVersion: '8_0',
      cryptoCredentialsDetails: { ca: certificate.cert },
    });
    expect(await rowsOf(connection, settle => new Request('x', settle))).toEqual([[5]]);
  });

  it('trusting the certificate of the lab by name and by address', async () => {
    const certificate = await makeCertificate(['localhost', '127.0.0.1']);
    const server = await started(answering(), { encryption: 'required', certificate });
    for (const host of ['localhost', '127.0.0.1']) {
      const client = await pool(
        server,
        { server: host },
        { encrypt: true, trustServerCertificate: false, cryptoCredentialsDetails: { ca: certificate.cert } },
      );
      expect((await client.query('x')).recordset).toEqual([{ a: 5 }]);
    }
  });

  it.each([512, 700, 4096, 16_384, 32_767])('with packets of %d bytes', async packetSize => {
    const text = 'a longer text '.repeat(6000);
    const server = await started(
      scripted({
        call: (_procedure, parameters) => [
          ...table(
            [['t', { kind: 'nvarchar', length: 'max', collation: 'Latin1_General_BIN2' }]],
            [`${parameters[0]?.value}`],
          ),
        ],
      }),
    );
    const connection = await connected(server, { packetSize });
    expect(await rowsOf(connection, settle => new Request(text, settle))).toEqual([[text]]);
  });

  it('with large packets inside TLS', async () => {
    const text = 'another long text '.repeat(6000);
    const server = await started(
      scripted({
        call: (_procedure, parameters) => [
          ...table(
            [['t', { kind: 'nvarchar', length: 'max', collation: 'Latin1_General_BIN2' }]],
            [`${parameters[0]?.value}`],
          ),
        ],
      }),
      { encryption: 'on' },
    );
    const connection = await connected(server, { ...TRUSTING, packetSize: 32_767 });
    expect(await rowsOf(connection, settle => new Request(text, settle))).toEqual([[text]]);
  });
});

describe('the login', () => {
  it('reaches the server with user, password, database, application and host', async () => {
    const listener = answering();
    const server = await started(listener);
    await pool(
      server,
      { database: 'Löans', password: 'Päss €%', user: 'app' },
      { appName: 'landfall', workstationId: 'desk' },
    );
    expect(listener.sessions[0]?.login).toEqual({
      user: 'app',
      password: 'Päss €%',
      database: 'Löans',
      application: 'landfall',
      host: 'desk',
      address: '127.0.0.1',
      encrypted: false,
    });
  });

  it('that is refused fails with the text of the server', async () => {
    const server = await started(
      scripted({
        login: ({ user }) => {
          throw new SqlError(18456, `Login failed for user '${user}'.`, { severity: 14, state: 8 });
        },
      }),
    );
    await expect(pool(server)).rejects.toMatchObject({
      code: 'ELOGIN',
      message: "Login failed for user 'sa'.",
    });
    await expect.poll(() => server.connections()).toBe(0);
  });

  it('that fails for a moment is tried again by the driver', async () => {
    let logins = 0;
    const server = await started(
      scripted({
        login: () => {
          logins += 1;
          if (logins === 1)
            throw new SqlError(4060, 'Cannot open database "x" requested by the login.', { severity: 11 });
        },
      }),
    );
    await connected(server, { connectionRetryInterval: 1 });
    expect(logins).toBe(2);
  });

  it('of a Windows account is refused', async () => {
    const server = await started(answering());
    await expect(
      pool(server, {
        authentication: { type: 'ntlm', options: { domain: 'LAB', userName: 'x', password: 'y' } },
      }),
    ).rejects.toMatchObject({ code: 'ELOGIN', message: expect.stringContaining('untrusted domain') });
  });

  it('in another language is refused', async () => {
    const server = await started(answering());
    await expect(connected(server, { language: 'Deutsch' })).rejects.toThrow('the language Deutsch');
  });
});

describe('the driver gives up', () => {
  it('where it wants encryption and the server has none', async () => {
    const server = await started(answering());
    await expect(pool(server, {}, TRUSTING)).rejects.toMatchObject({ code: 'EENCRYPT' });
  });

  it('where it wants none and the server requires it', async () => {
    const server = await started(answering(), { encryption: 'required' });
    await expect(pool(server)).rejects.toMatchObject({ code: 'EENCRYPT' });
  });

  it('where the server speaks TDS 8 only', async () => {
    const server = await started(answering(), { encryption: 'strict-only' });
    await expect(pool(server)).rejects.toMatchObject({ code: 'ESOCKET' });
  });

  it('where it speaks TDS 8 and the server has no certificate', async () => {
    const server = await started(answering());
    await expect(connected(server, { encrypt: 'strict' })).rejects.toMatchObject({ code: 'ESOCKET' });
  });

  it.each([
    ['is not trusted', 'localhost', false],
    ['is for another host', 'elsewhere', true],
  ])('where the certificate %s', async (_name, host, trusted) => {
    const certificate = await makeCertificate([host]);
    const listener = answering();
    const server = await started(listener, { encryption: 'on', certificate });
    const ca = trusted ? certificate.cert : (await makeCertificate(['localhost'])).cert;
    await expect(
      connected(server, { encrypt: true, trustServerCertificate: false, cryptoCredentialsDetails: { ca } }),
    ).rejects.toMatchObject({ code: 'ESOCKET' });
    expect(listener.sessions).toHaveLength(0);
    await expect.poll(() => server.connections()).toBe(0);
  });
});

function raw(port: number): Socket {
  const socket = connectTcp(port, '127.0.0.1');
  socket.on('error', () => undefined);
  onTestFinished(() => {
    socket.destroy();
  });
  return socket;
}

const closed = (socket: Socket): Promise<void> =>
  new Promise(resolve => socket.once('close', () => resolve()));

describe('a connection', () => {
  it('that says nothing is closed when its time to log in is over', async () => {
    const server = await started(answering(), { loginTimeout: 30 });
    const socket = raw(server.port);
    socket.resume();
    await closed(socket);
    await expect.poll(() => server.connections()).toBe(0);
  });

  it.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['a request before the login', Buffer.from('0101000900000100 41'.replace(' ', ''), 'hex')],
    ['a login of nothing', Buffer.from('1001000900000100 41'.replace(' ', ''), 'hex')],
    ['an attention', Buffer.from('0601000800000100', 'hex')],
    ['an empty packet', Buffer.from('1201000000000100', 'hex')],
  ])('that begins with %s is closed', async (_name, bytes) => {
    const server = await started(answering());
    const socket = raw(server.port);
    socket.write(bytes);
    socket.resume();
    await closed(socket);
    await expect.poll(() => server.connections()).toBe(0);
  });

  it('that speaks TLS of another protocol than TDS 8 is closed', async () => {
    const server = await started(answering(), { encryption: 'on' });
    const socket = connectTls({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false });
    socket.on('error', () => undefined);
    socket.resume();
    await closed(socket);
    await expect.poll(() => server.connections()).toBe(0);
  });

  it('that is lost before, during and after the login leaves nothing behind', async () => {
    const listener = answering();
    const server = await started(listener, { encryption: 'on' });
    const silent = raw(server.port);
    await expect.poll(() => server.connections()).toBe(1);
    silent.destroy();
    await expect.poll(() => server.connections()).toBe(0);
    const greeted = raw(server.port);
    greeted.write(Buffer.from('1201000f00000100 0100060001ff01'.replace(' ', ''), 'hex'));
    await new Promise(resolve => greeted.once('data', resolve));
    greeted.destroy();
    await expect.poll(() => server.connections()).toBe(0);
    const connection = await connected(server, TRUSTING);
    connection.close();
    await expect.poll(() => listener.sessions[0]?.over).toBe(true);
    await expect.poll(() => server.connections()).toBe(0);
  });
});
