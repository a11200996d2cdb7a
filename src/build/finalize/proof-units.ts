import { LandfallError } from '../../foundation/errors.ts';
import type { Fixup } from '../../journal/proof-facts.ts';
import { file, fixupOf, link } from './edit.ts';
import { isRedacted } from './secrets.ts';
import { hasSystemd, type Tree } from './tree.ts';
import type { FinalizeWish } from './wish.ts';

/** What a booted copy says on its first serial line as soon as its own systemd runs. */
export const USERSPACE_WORD = 'LANDFALL-USERSPACE';
/** The script that a proof runs in the copy. */
export const PROOF_SCRIPT = '/etc/landfall/proof.sh';

const UNITS = '/etc/systemd/system';
const NONCE = /^[A-Za-z0-9-]{1,64}$/;

/** Says that userspace is there, whatever becomes of the rest: it waits for nothing but devices. */
const userspaceUnit = (nonce: string): string => `[Unit]
Description=landfall: says that the copy has come up
DefaultDependencies=no
Conflicts=shutdown.target

[Service]
Type=oneshot
ExecStart=-/bin/sh -c "exec > /dev/ttyS0; echo; echo ${USERSPACE_WORD} ${nonce}"
ExecStart=-/bin/sh -c "echo ${USERSPACE_WORD} ${nonce} > /dev/kmsg"
`;

/**
 * Runs the script when everything has started. Its type makes systemd count it as started at once, so that the script
 * does not find a system that is still starting because of itself.
 */
const proofUnit = (seconds: number): string => `[Unit]
Description=landfall: looks whether the copy works
After=multi-user.target

[Service]
Type=idle
ExecStart=/bin/sh -c "stty -F /dev/ttyS1 raw -echo; exec timeout -k 5 ${seconds} /bin/sh ${PROOF_SCRIPT} > /dev/ttyS1"
`;

/** The instruments of a proof; they exist only in its overlay. */
export function proofUnitsFixup(tree: Tree, { proof }: FinalizeWish): Fixup | undefined {
  if (proof === undefined) return undefined;
  // A journal keeps what a fix-up writes, and what it keeps is what is performed.
  if (isRedacted(proof.script)) throw secretInCheck();
  if (!NONCE.test(proof.nonce)) throw new RangeError('a nonce is made of letters, digits and dashes');
  const about = {
    id: 'proof-unit',
    title: 'let the copy tell that it has come up and how it is',
    why: 'A proof is what the copy says itself, on serial lines that need no network.',
  };
  if (!hasSystemd(tree)) {
    return fixupOf(about, {
      warnings: ['The copy has no systemd: it cannot tell how it is, only its console can.'],
    });
  }
  const wanted = (unit: string, target: string) =>
    link(tree, `${UNITS}/${target}.wants/${unit}`, `../${unit}`);
  return fixupOf(about, {
    edits: [
      file(tree, PROOF_SCRIPT, proof.script, 0o700),
      file(tree, `${UNITS}/landfall-userspace.service`, userspaceUnit(proof.nonce)),
      wanted('landfall-userspace.service', 'sysinit.target'),
      file(tree, `${UNITS}/landfall-proof.service`, proofUnit(proof.scriptSeconds ?? 300)),
      wanted('landfall-proof.service', 'multi-user.target'),
    ],
  });
}

const secretInCheck = (): LandfallError =>
  new LandfallError('prove.impossible', {
    what: "a check of the plan holds a password or a token, which would stand in the evacuation's journal",
    why: 'what a copy is asked is journalled before it is asked',
    next: [
      'put it into a file on the machine, and let the check read that: machines.*.checks',
      'then order the proof again',
    ],
  });
