import { expect, it } from 'vitest';
import { pool, started } from './clients.ts';
import { scripted, table } from './scripted.ts';

it('connects', async () => {
  const server = await started(scripted({ call: () => [...table([['a', { kind: 'int' }]], [5])] }));
  const p = await pool(server);
  expect((await p.query('x')).recordset).toEqual([{ a: 5 }]);
});
it('tls', async () => {
  const server = await started(scripted({ call: () => [...table([['a', { kind: 'int' }]], [5])] }), {
    encryption: 'on',
  });
  const p = await pool(server, {}, { encrypt: true, trustServerCertificate: true });
  expect((await p.query('x')).recordset).toEqual([{ a: 5 }]);
});
