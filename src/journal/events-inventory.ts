import { z } from 'zod';
import { hypervisorSurvey, linkRun, sqlServerSurvey } from './facts-site.ts';
import { peerFacts, surveyFacts } from './facts-survey.ts';

/** What the wide look at the estate found: machines, hypervisors, SQL servers, who talks to whom, the link, drift. */

const name = z.string();

export const inventoryBodies = [
  z.strictObject({
    type: z.literal('machine.surveyed'),
    machine: name,
    survey: surveyFacts,
    /** Content hash of what does not move by itself, to see drift. */
    digest: z.string(),
  }),
  z.strictObject({
    type: z.literal('hypervisor.surveyed'),
    hypervisor: name,
    survey: hypervisorSurvey,
  }),
  z.strictObject({
    type: z.literal('server.surveyed'),
    /** Address and port as the plan has them: `sql1.miami.example:1433`. */
    server: name,
    /** Databases of the plan that live there. */
    databases: z.array(name),
    survey: sqlServerSurvey,
  }),
  z.strictObject({
    type: z.literal('peers.sampled'),
    machine: name,
    /** Looks at the table of sockets, and the seconds between the first and the last. */
    samples: z.number(),
    seconds: z.number(),
    peers: z.array(peerFacts),
  }),
  z.strictObject({
    type: z.literal('link.measured'),
    /** Hypervisors of the plan. */
    from: name,
    to: name,
    forth: z.array(linkRun),
    back: z.array(linkRun),
    /** Bytes per second that the source's disk gave, the target's disk took, and one cipher stream made on a CPU. */
    sourceRead: z.number().optional(),
    targetWrite: z.number().optional(),
    cipher: z.number().optional(),
    roundTripMs: z.number().optional(),
    /** Bytes per second that the runs were kept below, as the plan or a throttle wants it; absent where nothing was. */
    heldTo: z.number().optional(),
    bottleneck: z.enum(['source-read', 'cpu', 'one-stream', 'link', 'target-write', 'unknown']),
    why: z.string(),
  }),
  z.strictObject({
    type: z.literal('drift.seen'),
    /** A machine or a hypervisor. */
    subject: name,
    /** What is not as it was at the last inventory, one sentence each; empty where it is again. */
    found: z.array(z.string()),
    /** When the inventory that it is compared with was taken, epoch ms. */
    since: z.number().optional(),
  }),
];
