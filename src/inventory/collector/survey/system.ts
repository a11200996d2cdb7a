import type { Group } from '../group.ts';
import { CLOCK } from './system/clock.ts';
import { FIREWALL } from './system/firewall.ts';
import { IDENTITY } from './system/identity.ts';
import { KERNEL } from './system/kernel.ts';
import { LINKS_GROUPS } from './system/links.ts';

/** Routes, firewall, time, load, rates of the disks, and what is bound to this very machine. */
export const SYSTEM_GROUPS: readonly Group[] = [KERNEL, ...LINKS_GROUPS, FIREWALL, CLOCK, IDENTITY];
