import { CLOCK_PART } from './system/clock.ts';
import { FIREWALL_PART } from './system/firewall.ts';
import { IDENTITY_PART } from './system/identity.ts';
import { KERNEL_PART } from './system/kernel.ts';
import { LINKS_PART } from './system/links.ts';

/** Routes, firewall, time, load, rates of the disks, and what is bound to this very machine. */
export const SYSTEM_PART = `probe survey-user id -u
${KERNEL_PART}${LINKS_PART}${FIREWALL_PART}${CLOCK_PART}${IDENTITY_PART}`;
