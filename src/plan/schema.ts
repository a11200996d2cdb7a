import { z } from 'zod';
import { databaseName, databasePlan } from './schema-database.ts';
import { externalPlan } from './schema-external.ts';
import { carePlan, linkPlan, moverKeys, passesPlan, verifyPlan } from './schema-sync.ts';
import { address, duration, name, port, size, subject, when, word } from './values.ts';

export { DATABASE_LANES } from './schema-database.ts';
export { TIME_OF_DAY_PATTERN } from './schema-sync.ts';
export { INSTANT_PATTERN, SECRET_PATTERN, type When } from './values.ts';

/**
 * The plan as YAML says it. Parsed values carry one unit each: sizes in bytes, rates in bytes per second,
 * durations in milliseconds. Keys are the words of the design; every name is a DNS-like label, because names
 * become directory, domain and volume names on foreign hosts.
 */

const ssh = {
  address,
  port: port.optional().describe('SSH port; otherwise what ssh_config says, otherwise 22.'),
  user: word.optional().describe('SSH user; otherwise what ssh_config says.'),
  sudo: z.boolean().default(false).describe('Run commands through "sudo -n" because root may not log in.'),
};

const absolutePath = z.string().regex(/^\/[^\0]*$/, 'not an absolute path: it has to start with "/"');

/** It stands in a line of authorized_keys and in the forced command, which know neither quotes nor blanks. */
const scratchPath = z
  .string()
  .regex(
    /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._@+,-]+)+\/?$/,
    'not a path that can be used here: absolute, of letters, digits and "._@+,-", without "." and ".."',
  );

/** What a boot proof tries inside the copy, as root, without a network beyond the machine itself. */
const check = z.union([
  z.strictObject({
    command: z.array(z.string().min(1).max(1000)).min(1).describe('Words of a command; it must end with 0.'),
    expect: z.string().max(1000).optional().describe('What its output must contain.'),
  }),
  z.strictObject({ tcp: port.describe('A port of the machine that must accept a connection.') }),
  z.strictObject({
    http: z
      .string()
      .max(1000)
      .regex(/^https?:\/\/[^\s"'\\]+$/, 'not a URL: write it like http://localhost/health'),
    status: z.int().min(100).max(599).default(200),
    expect: z.string().max(1000).optional().describe('What the answer must contain.'),
  }),
]);

export const planSchema = z
  .strictObject({
    version: z.literal(1).describe('The version of the plan format.'),
    name: name.describe(
      'The name of the evacuation; its directory and everything it makes on hosts carries it.',
    ),
    rehearsal: z.boolean().default(false).describe('True where the plan targets staging or a lab.'),
    lab: z
      .boolean()
      .default(false)
      .describe('True only in plans written by a lab: every screen and report says LAB.'),
    failback_of: name
      .optional()
      .describe('The evacuation whose way home this is: both sites must never run the same machine.'),
    deadline: z
      .strictObject({
        earliest: when.describe(
          'The earliest credible loss of the source site: landfall plans for this one.',
        ),
        expected: when.describe('The expected loss of the source site.'),
        reason: z.string().max(200).optional(),
      })
      .describe('When the source site will be lost.'),
    ssh: z
      .strictObject({
        config: z.string().optional().describe('An ssh_config file to use instead of ~/.ssh/config.'),
      })
      .prefault({}),
    contacts: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(100),
          role: z.string().min(1).max(100),
          phone: z.string().max(40).optional(),
          email: z.string().max(200).optional(),
        }),
      )
      .default([])
      .describe('Who to call; printed on the checklist.'),
    sites: z
      .record(
        name,
        z.strictObject({ role: z.enum(['source', 'target']), location: z.string().max(200).optional() }),
      )
      .describe('The datacenters: one source, one target.'),
    link: linkPlan,
    hypervisors: z
      .record(
        name,
        z.strictObject({
          site: name,
          ...ssh,
          uri: z
            .string()
            .regex(
              /^qemu:\/\/\/(?:system|session)$/,
              'only qemu:///system or qemu:///session: landfall brings its own SSH',
            )
            .default('qemu:///system'),
          virt: z
            .enum(['auto', 'kvm', 'qemu'])
            .default('auto')
            .describe(
              'What new domains run on: auto takes KVM where libvirt offers it; qemu is slow emulation.',
            ),
          data_address: address
            .optional()
            .describe(
              'Where the hypervisor of the other site reaches it, for the blocks mover; otherwise as landfall does.',
            ),
          scratch: scratchPath
            .default('/var/lib/libvirt/landfall')
            .describe(
              'Where the blocks mover keeps its pieces until they have arrived; removed by landfall clean.',
            ),
        }),
      )
      .describe('The libvirt hosts, reached by SSH.'),
    networks: z
      .record(
        name,
        z.strictObject({
          site: name,
          libvirt: word.describe('The libvirt network (or bridge) at that site.'),
          cidr: z
            .string()
            .regex(/^[0-9a-fA-F:.]+\/\d{1,3}$/, 'not a network: write it like 10.20.0.0/24')
            .optional(),
          gateway: address
            .optional()
            .describe('Its router; at the target also the way out of receivers that have no DHCP.'),
          replaces: name.optional().describe('At the target: the source network whose machines land here.'),
        }),
      )
      .default({})
      .describe('The networks of both sites, and which target network replaces which source network.'),
    images: z
      .record(
        name,
        z.strictObject({
          hypervisor: name,
          pool: word.default('default'),
          volume: word.describe('The volume of the clone or golden image in that pool.'),
          os: z.string().max(60).optional(),
          seed: z
            .enum(['none', 'nocloud'])
            .default('none')
            .describe(
              'nocloud: the image has cloud-init, and its receivers get address and keys from a seed disk.',
            ),
        }),
      )
      .describe('Clones and golden images already at the target site.'),
    tiers: z
      .record(
        name,
        z.strictObject({
          priority: z.int().min(1).max(9).describe('1 goes first.'),
          rpo: duration.describe('How much work may be lost.'),
          rto: duration.describe('How long the machine may be away.'),
          cost_per_hour: z
            .number()
            .min(0)
            .optional()
            .describe('Cost of an hour without it, in the currency below.'),
        }),
      )
      .describe('Service levels.'),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'not a currency code: write it like USD')
      .default('USD'),
    passes: passesPlan,
    verify: verifyPlan,
    care: carePlan,
    proof: z
      .strictObject({
        boot_within: duration.prefault('10m').describe('A copy that has not come up by then has failed.'),
        together: z
          .int()
          .min(1)
          .max(20)
          .default(1)
          .describe('Copies that boot at the same time on one hypervisor.'),
        max_age: duration.prefault('24h').describe('An older proof no longer counts.'),
        memory: size
          .optional()
          .describe('Memory of a copy that boots, at most; otherwise as much as its source.'),
      })
      .prefault({})
      .describe('How copies are proved to boot.'),
    machines: z
      .record(
        name,
        z.strictObject({
          tier: name,
          description: z.string().max(200).optional(),
          source: z.strictObject({
            hypervisor: name,
            domain: word.optional().describe('The libvirt domain; otherwise the name of the machine.'),
            ...ssh,
            login: z
              .boolean()
              .default(true)
              .describe(
                'false: nobody logs in (Windows, appliances); it travels by blocks and is seen only from outside.',
              ),
          }),
          target: z.strictObject({
            hypervisor: name,
            image: name.describe('The clone or golden image from which the target is built.'),
            network: name,
            pool: word.default('default'),
            address: address.describe('Where the receiver listens, as seen from the source machine.'),
            port: port.default(22),
            user: word.default('root'),
          }),
          ...moverKeys,
          exclude: z.array(absolutePath).default([]).describe('Paths that need not travel.'),
          checks: z
            .array(check)
            .default([])
            .describe('What must be true inside the booted copy: a boot proof looks.'),
          hold: z
            .array(word)
            .default([])
            .describe('Units beyond those that the inventory finds that must not run at both sites.'),
          stop: z
            .array(word)
            .default([])
            .describe(
              'Units that a cutover stops on the source beyond those that the inventory finds running.',
            ),
          keep: z
            .array(word)
            .default([])
            .describe('Units that a cutover leaves running on the source until it is powered off.'),
          address_after: address
            .optional()
            .describe('Where the standby is reached after the cutover; otherwise its own address is asked.'),
          after: z
            .array(subject)
            .default([])
            .describe('Machines and databases that must be up before this one at cutover.'),
          owner: z.string().max(100).optional(),
          role: z.string().max(100).optional().describe('What it is for, in a few words: on worksheets.'),
          department: z
            .string()
            .max(100)
            .optional()
            .describe('Whose it is: worksheets are one a department.'),
        }),
      )
      .describe('The servers to evacuate.'),
    databases: z.record(databaseName, databasePlan).default({}).describe('SQL Server databases.'),
    external: externalPlan,
    dns: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(253),
          type: z.enum(['A', 'AAAA', 'CNAME', 'MX', 'SRV', 'TXT']).default('A'),
          from: z.string().min(1).max(253),
          to: z.string().min(1).max(253),
          ttl: duration.optional().describe('The TTL today.'),
          provider: z.string().max(100).optional(),
          change: z
            .string()
            .max(500)
            .optional()
            .describe('How it is changed: a command or a place, printed on the checklist, never run.'),
          owner: z.string().max(100).optional(),
        }),
      )
      .default([])
      .describe('Records that change at cutover.'),
    cutover: z
      .strictObject({
        decides: z.string().max(100).optional().describe('Who says that it begins, and that it is final.'),
        when: z.array(z.string().min(1).max(300)).default([]).describe('When it is to begin.'),
        tell: z
          .array(z.string().min(1).max(300))
          .default([])
          .describe('Whom to tell, where: printed as steps of their own.'),
        by_hand: z
          .array(
            z.strictObject({
              title: z.string().min(1).max(200),
              at: z.enum(['before', 'stopped', 'started', 'final']).default('final'),
              command: z.string().max(500).optional(),
              expect: z.string().max(300).optional(),
              undo: z.string().max(500).optional(),
              owner: z.string().max(100).optional(),
              allow: duration.optional(),
            }),
          )
          .default([])
          .describe(
            'Steps that people do: before, once the source is stopped, once the standbys are up, final.',
          ),
        shutdown_within: duration
          .prefault('5m')
          .describe('How long a source may take to shut down cleanly before an engineer is asked.'),
      })
      .prefault({})
      .describe('What the checklist of the cutover says beyond what landfall knows.'),
  })
  .describe('A landfall plan: what leaves, from where, to where, by when.');

/** The plan as the rest of landfall sees it. */
export type Plan = z.output<typeof planSchema>;
/** The plan as YAML writes it. */
export type PlanInput = z.input<typeof planSchema>;

export type MachinePlan = Plan['machines'][string];
export type DatabasePlan = Plan['databases'][string];
export type CheckPlan = MachinePlan['checks'][number];
export type HypervisorPlan = Plan['hypervisors'][string];
