import { HOUR, MINUTE, machinePlan, planOf, Story } from '../../support/state.ts';

/** One evacuation with a machine in each condition that a report must tell apart. */
export function estate(): Story {
  const connection = { address: 'sql1', user: 'repl', password: 'env:SQL_PASSWORD' };
  const plan = planOf({
    rehearsal: true,
    machines: {
      files1: machinePlan({ tier: 'normal', owner: 'storage team' }),
      db1: machinePlan({ description: 'order database front' }),
      app1: machinePlan(),
      mail1: machinePlan({ tier: 'normal' }),
      web1: machinePlan({ tier: 'normal' }),
      new1: machinePlan({ tier: 'normal' }),
    },
    databases: { Orders: { tier: 'critical', publisher: connection, subscriber: connection } },
  });
  const story = new Story(plan).begin();
  story.tell({
    type: 'hypervisor.observed',
    hypervisor: 'dal-kvm1',
    version: '9.0.0',
    cpus: 32,
    memory: 256e9,
    pools: { default: { capacity: 4e12, available: 2.4e12, path: '/var/lib/libvirt/images' } },
    networks: ['servers'],
    hostId: 'h1',
  });
  story.ready('files1');
  story
    .observe('mail1')
    .build('mail1')
    .pass('mail1', 1, { literal: 9e9, ms: 40 * MINUTE });
  story.pass('mail1', 2, {
    literal: 4.1e9,
    ms: 10 * MINUTE,
    judged: 'not-converging',
    hot: [{ path: '/var/spool/mail/queue', bytes: 3.9e9 }],
    predictedMs: 8 * MINUTE,
  });
  story
    .observe('web1')
    .build('web1')
    .pass('web1', 1)
    .fail('web1', {
      why: 'the replica has 12 GB less than the source needs',
      evidence: ['rsync: write failed: No space left on device (28)'],
    });
  story
    .observe('app1')
    .build('app1')
    .pass('app1', 1)
    .startPass('app1', 2, { predictedMs: 5 * MINUTE });
  story
    .observe('db1', { sockets: [{ protocol: 'tcp', address: '127.0.0.1', port: 3306, process: 'mariadbd' }] })
    .build('db1')
    .pass('db1', 1, { ms: HOUR })
    .pass('db1', 2)
    .verify('db1', 2);
  story.lookAround();
  return story.tell({ type: 'note.added', text: 'called the network team about mail1' }).wait(2 * MINUTE);
}
