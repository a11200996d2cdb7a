import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Answer } from '../world/world.ts';

/**
 * The far end of a simulated tool's shim: asks the lab over its Unix socket and behaves as the tool would have.
 * It is a program of its own, so it reads its own argv and environment and sets its own exit code.
 */
const [socketFile = '', host = '', tool = '', ...args] = process.argv.slice(2);
// Only these read their standard input; reading it for the others would steal it from the script around them.
const reads = tool === 'sfdisk' ? !args.includes('--dump') : tool === 'virsh' && args.includes('/dev/stdin');
const stdin = reads ? await buffer(process.stdin) : Buffer.alloc(0);

const socket = connect(readFileSync(socketFile, 'utf8'));
socket.on('error', error => {
  process.stderr.write(`${tool}: the lab does not answer: ${error.message}\n`);
  process.exitCode = 1;
});
const isPrivate = process.env['LANDFALL_LAB_PRIVATE'] === '1';
const cwd = process.cwd();
socket.end(`${JSON.stringify({ host, tool, args, stdin: stdin.toString('base64'), isPrivate, cwd })}\n`);
const reply = await buffer(socket).catch(() => undefined);
if (reply !== undefined && reply.length > 0) {
  // The lab itself wrote this line; reading it with a schema would make every tool wait for the schema library.
  const { stdout, stderr, code }: Answer = JSON.parse(reply.toString('utf8'));
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = code;
} else {
  process.exitCode = 1;
}
