import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeSections, type Sections } from '../../../src/inventory/guest/sections.ts';
import type { CheckPlan } from '../../../src/plan/schema.ts';
import { proofScript, SECTION } from '../../../src/prove/script.ts';

let directory: string;
let server: Server;
let port: number;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'landfall-proof-'));
  server = createServer((request, response) => {
    response.statusCode = request.url?.startsWith('/moved') === true ? 302 : 200;
    response.setHeader('location', '/elsewhere');
    response.end('all is well');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  // Nothing of a test leaves the machine, and nobody waits: these stand before the real programs.
  stub('sleep', 'exit 0');
  stub('ping', 'echo "1 packets transmitted, 0 received"; exit 1');
  stub(
    'timeout',
    'case "$*" in *"bash shop.invalid "*) exit 1 ;; *bash*127.0.0.1*|*sh\\ -c*|*false*|*no-such*) shift; exec "$@" ;; esac; exit 124',
  );
});
afterAll(async () => {
  await new Promise(resolve => server.close(resolve));
  rmSync(directory, { recursive: true });
});

function stub(name: string, body: string): void {
  writeFileSync(join(directory, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}

/** The script as it would run in a copy; the collector is a stand-in that says only that it ended. */
async function run(
  checks: readonly CheckPlan[],
  egress: readonly string[] = [],
  changed: (text: string) => string = text => text,
): Promise<Sections> {
  const file = join(directory, 'proof.sh');
  const text = proofScript({
    nonce: 'n0nce',
    collector: ['sh', '-c', 'echo \'{"section":"end","data":"","rc":0}\''],
    egress,
    checks,
    settleSeconds: 0,
  });
  // Neither the cards of this machine nor its failed units are what is tested.
  writeFileSync(file, changed(text.replace('carrier 20', ':')));
  const { stdout } = await promisify(execFile)('sh', [file], {
    maxBuffer: 1 << 26,
    env: { ...process.env, PATH: `${directory}:${process.env['PATH'] ?? ''}` },
  });
  return decodeSections(stdout, 'copy');
}

test('says the nonce, what it checked, and that it came to its end', async () => {
  const sections = await run([
    { command: ['sh', '-c', 'echo "it\'s $HOME"; echo warned >&2'] },
    { command: ['false'] },
    { command: ['landfall-no-such-program'] },
    { tcp: port },
    { http: `http://127.0.0.1:${port}/`, status: 200 },
    { http: `http://127.0.0.1:${port}/moved`, status: 302 },
  ]);
  expect(sections.get(SECTION.nonce)?.text.split('\n')[0]).toBe('n0nce');
  expect(sections.get(SECTION.check(0))).toEqual({
    rc: 0,
    text: `it's ${process.env['HOME'] ?? ''}\nwarned\n`,
  });
  expect(sections.get(SECTION.check(1))?.rc).toBe(1);
  expect(sections.get(SECTION.check(2))?.rc).toBe(127);
  expect(sections.get(SECTION.check(3))?.rc).toBe(0);
  expect(sections.get(SECTION.check(4))).toMatchObject({ rc: 0 });
  expect(sections.get(SECTION.check(4))?.text).toMatch(/all is well[\s\S]*200/);
  // The answer itself counts, not where it points to.
  expect(sections.get(SECTION.check(5))?.text).toContain('302');
  expect(sections.get(SECTION.end)?.rc).toBe(0);
}, 30_000);

test('a copy without curl, python3 and wget is asked through bash', async () => {
  const url = `http://127.0.0.1:${port}`;
  const checks: CheckPlan[] = [
    { http: `${url}/`, status: 200 },
    { http: `${url}/moved?x=1`, status: 302 },
    { http: url, status: 200 },
    { http: 'https://127.0.0.1/', status: 200 },
    { http: `http://shop.invalid:${port}/`, status: 200 },
  ];
  const sections = await run(checks, [], text =>
    text.replace('has() {', 'has() { case $1 in curl|python3|wget) return 1 ;; esac; '),
  );
  const texts = checks.map((_, index) => sections.get(SECTION.check(index))?.text ?? '');
  expect(texts[0]).toMatch(/HTTP\/1.1 200 OK[\s\S]*all is well/);
  expect(texts[1]).toMatch(/HTTP\/1.1 302/);
  expect(texts[2]).toMatch(/HTTP\/1.1 200/);
  expect(sections.get(SECTION.check(3))?.rc).toBe(127);
  // A name that nobody resolves there is the machine itself.
  expect(texts[4]).toMatch(/HTTP\/1.1 200/);
}, 30_000);

test('tries addresses side by side, leaves out its own, and takes none that is no address', async () => {
  const sections = await run([], ['127.0.0.1', '$(touch /tmp/x)', '198.51.100.7', '198.51.100.7']);
  const tried = [...sections.keys()].filter(name => name.startsWith('proof-egress:'));
  const own = tried.filter(name => name.endsWith('198.51.100.7'));
  expect(own.sort()).toEqual([
    'proof-egress:ping:198.51.100.7',
    'proof-egress:tcp-22:198.51.100.7',
    'proof-egress:tcp-443:198.51.100.7',
    'proof-egress:tcp-80:198.51.100.7',
  ]);
  expect(tried.some(name => name.includes('127.0.0.1') || name.includes('touch'))).toBe(false);
}, 30_000);

test('is sh that every shell can read', () => {
  const text = proofScript({
    nonce: 'x',
    collector: ['true'],
    egress: [],
    checks: [{ command: ["a'b", '$(c)'] }],
    settleSeconds: 1,
  });
  execFileSync('sh', ['-n'], { input: text });
  execFileSync('bash', ['--posix', '-n'], { input: text });
});
