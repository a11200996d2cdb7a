import type { Group } from '../group.ts';
import { CERTIFICATES } from './software/certificates.ts';
import { CONTAINERS } from './software/containers.ts';
import { DATA_SERVICES } from './software/data-services.ts';
import { MAIL } from './software/mail.ts';
import { PACKAGES } from './software/packages.ts';
import { SCHEDULES } from './software/schedules.ts';

/** Packages, containers, schedules, certificates, services that hold data, and queues of mail. */
export const SOFTWARE_GROUPS: readonly Group[] = [
  SCHEDULES,
  CONTAINERS,
  PACKAGES,
  CERTIFICATES,
  MAIL,
  DATA_SERVICES,
];
