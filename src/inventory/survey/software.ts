import type { Answers, Learned } from './learn.ts';
import { readCertificates } from './software/certificates.ts';
import { readContainers } from './software/containers.ts';
import { readDataServices } from './software/data-services.ts';
import { readMail } from './software/mail.ts';
import { installedOf, readPackages } from './software/packages.ts';
import { readSchedules } from './software/schedules.ts';

/** Packages, containers, schedules, certificates, services that hold data, mail. */
export function readSoftware(answers: Answers): Learned {
  const groups = {
    schedules: readSchedules(answers),
    containers: readContainers(answers),
    packages: readPackages(answers),
    certificates: readCertificates(answers),
    dataServices: readDataServices(answers, installedOf(answers.text('packages') ?? '')),
    mail: readMail(answers),
  };
  const { schedules, containers, packages, certificates, dataServices, mail } = groups;
  return {
    ...(schedules === undefined ? {} : { schedules }),
    ...(containers === undefined ? {} : { containers }),
    ...(packages === undefined ? {} : { packages }),
    ...(certificates === undefined ? {} : { certificates }),
    ...(dataServices === undefined ? {} : { dataServices }),
    ...(mail === undefined ? {} : { mail }),
  };
}
