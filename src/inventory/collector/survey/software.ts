import { CERTIFICATES_PART } from './software/certificates.ts';
import { CONTAINERS_PART } from './software/containers.ts';
import { DATA_SERVICES_PART } from './software/data-services.ts';
import { MAIL_PART } from './software/mail.ts';
import { PACKAGES_PART } from './software/packages.ts';
import { REAL_PLACES } from './software/real-places.ts';
import { SCHEDULES_PART } from './software/schedules.ts';

/** Packages, containers, schedules, certificates, services that hold data, and queues of mail. */
export const SOFTWARE_PART = `${REAL_PLACES}${SCHEDULES_PART}${CONTAINERS_PART}${PACKAGES_PART}${CERTIFICATES_PART}${MAIL_PART}${DATA_SERVICES_PART}`;
