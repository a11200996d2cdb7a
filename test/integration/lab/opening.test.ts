import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { removeTreeSync } from '../../../src/foundation/remove-tree.ts';
import { readLabFile } from '../../../src/lab/directory/lab-file.ts';
import { portIsFree } from '../../../src/lab/directory/ports.ts';
import { labProcesses } from '../../../src/lab/hosts/processes.ts';
import { createLab } from '../../../src/lab/lab.ts';
import { agent, defineReceiver, isAwake, openTestLab, temporaryDirectory, virsh, words } from './harness.ts';

const ADDRESSES = ['127.77.1.1', '127.77.1.2', '127.77.2.1', '127.77.1.16', '127.77.2.16'];

function freshDirectory(): string {
  const directory = temporaryDirectory();
  onTestFinished(() => removeTreeSync(directory, tmpdir()));
  return directory;
}

/** Nothing of a lab that is closed runs or listens. */
async function expectNothingLeft(directory: string): Promise<void> {
  const { labId = '', port = 0 } = readLabFile(directory) ?? {};
  expect(labProcesses(labId)).toEqual([]);
  expect(await portIsFree(ADDRESSES, port)).toBe(true);
}

test('a lab that is closed while a receiver boots leaves nothing behind, and boots it when it is opened again', async () => {
  const directory = freshDirectory();
  const first = await openTestLab({ directory, machines: ['web1'], bootMs: 60_000 });
  const domain = await defineReceiver(first, 'web1');
  expect(await virsh(first, 'dal-kvm1', 'start', domain)).toMatchObject({ code: 0 });
  await first[Symbol.asyncDispose]();
  await expectNothingLeft(directory);

  await using again = await openTestLab({ directory, machines: ['web1'] });
  expect(await agent(again, domain, { execute: 'guest-ping' })).toEqual({});
});

test('a lab that is closed while a receiver is installed lets go of its files', async () => {
  const directory = freshDirectory();
  const first = await openTestLab({ directory, machines: ['web1'], bootMs: 0 });
  const domain = await defineReceiver(first, 'web1');
  const receiver = path.join(directory, 'hosts', 'web1.receiver');
  await virsh(first, 'dal-kvm1', 'start', domain);
  await first.until('the installation to begin', () => existsSync(receiver));
  await first[Symbol.asyncDispose]();
  await expectNothingLeft(directory);
  const files = readdirSync(receiver, { recursive: true }).length;
  await using again = await openTestLab({ directory, machines: ['web1'] });
  expect(readdirSync(receiver, { recursive: true }).length).toBeGreaterThanOrEqual(files);
  expect(await agent(again, domain, { execute: 'guest-ping' })).toEqual({});
});

test('a receiver that is destroyed in the middle of its boot can be started again at once', async () => {
  await using site = await openTestLab({ machines: ['web1'], bootMs: 0 });
  const domain = await defineReceiver(site, 'web1');
  const verbs = ['start', 'destroy', 'start'].map(verb =>
    words('virsh', '-c', 'qemu:///system', verb, domain),
  );
  expect(await site.ssh('dal-kvm1', words('sh', '-ec', verbs.join('\n')))).toMatchObject({ code: 0 });
  await site.until('the agent', () => isAwake(site, domain));
  expect(site.lab.mountsOf('web1.receiver').some(mount => mount.path === '/')).toBe(true);
});

test('a start that fails takes down what was up already, and the next one succeeds', async () => {
  const directory = freshDirectory();
  const options = { directory, scale: 0.02, seed: 7, machines: ['web1'] };
  const lab = await createLab(options);
  await lab.close();
  // The last host that is taken up finds a file where its tools belong.
  const bin = path.join(directory, 'hosts', 'web1', 'bin');
  removeTreeSync(bin, directory);
  writeFileSync(bin, '');
  await expect(createLab(options)).rejects.toThrow('EEXIST');
  await expectNothingLeft(directory);

  rmSync(bin);
  await (await createLab(options)).close();
});

test('a lab whose port was taken by somebody else says so', async () => {
  const directory = freshDirectory();
  const options = { directory, scale: 0.02, seed: 7, machines: ['web1'] };
  const { port, close } = await createLab(options);
  await close();
  const squatter = createServer().listen(port, '127.77.2.16');
  await new Promise(resolve => squatter.once('listening', resolve));
  await expect(createLab(options)).rejects.toMatchObject({
    code: 'lab.unavailable',
    facts: { what: `port ${port} of the lab is taken by another program` },
  });
  await new Promise(resolve => squatter.close(resolve));
  const again = await createLab(options);
  expect(again.port).toBe(port);
  await again.close();
});

test('one directory is open once at a time', async () => {
  const directory = freshDirectory();
  const options = { directory, scale: 0.02, seed: 7, machines: ['web1'] };
  const [one, other] = await Promise.allSettled([createLab(options), createLab(options)]);
  const opened = [one, other].flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
  const refused = [one, other].flatMap(result => (result.status === 'rejected' ? [result.reason] : []));
  expect(opened).toHaveLength(1);
  expect(refused).toMatchObject([{ code: 'lab.unavailable' }]);
  for (const lab of opened) await lab.close();
  await (await createLab(options)).close();
});

test('a machine that the lab does not have is refused', async () => {
  const directory = freshDirectory();
  await expect(createLab({ directory, machines: ['web1', 'sql9'] })).rejects.toMatchObject({
    code: 'lab.unavailable',
    facts: { what: 'the lab has no machine called "sql9"' },
  });
});
