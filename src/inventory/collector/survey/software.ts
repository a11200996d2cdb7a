/** Packages, containers, schedules, certificates, services that hold data, and queues of mail. */
export const SOFTWARE_PART = '';
