/** What TypeScript makes of a catalog. */

import { expectTypeOf, it } from 'vitest';
import { defineCatalog, ibmResourceLifecycle, lxd, migrationManager } from '../../src/catalogs/index.js';
import { createSettingsHandler, EventTransport, type Receipt, SettingsStore } from '../../src/index.js';

const any = new EventTransport();
const ofLxd = new EventTransport({ catalog: lxd });
const ofManager = new EventTransport({ catalog: migrationManager });
const ofIbm = new EventTransport({ catalog: ibmResourceLifecycle });

it('LXD’s actions are known, and the fields that each needs', () => {
  expectTypeOf(ofLxd.lifecycle('instance-created')).resolves.toEqualTypeOf<Receipt>();
  ofLxd.lifecycle('instance-renamed', { context: { old_name: 'c1' }, entities: '/1.0/instances/c2' });
  ofLxd.lifecycle('instance-renamed', { context: { old_name: 'c1', more: 5 } });
  ofLxd.lifecycle('instance-exec', { context: { command: ['ls', '-l'] } });
  ofLxd.lifecycle('storage-volume-created', { context: { type: 'custom' }, project: 'web' });
  const { lifecycle } = ofLxd;
  lifecycle('warning-reset');
  // @ts-expect-error no such action
  ofLxd.lifecycle('instance-eaten');
  // @ts-expect-error the details are missing
  ofLxd.lifecycle('instance-renamed');
  // @ts-expect-error the context is missing
  ofLxd.lifecycle('instance-renamed', { name: 'c2' });
  // @ts-expect-error the old name is missing
  ofLxd.lifecycle('instance-renamed', { context: { new_name: 'c2' } });
  // @ts-expect-error the old name is text
  ofLxd.lifecycle('instance-renamed', { context: { old_name: 5 } });
  // @ts-expect-error no such type
  ofLxd.lifecycle('storage-volume-created', { context: { type: 'tape' } });
  // @ts-expect-error the destination is missing
  ofLxd.lifecycle('instance-file-retrieved', { context: { 'file-source': '/a' } });
  // @ts-expect-error no such detail
  ofLxd.lifecycle('instance-created', { entity: '/1.0/instances/c1' });
});

it('Migration Manager’s actions name their entities', () => {
  ofManager.lifecycle('batch-started', { entities: '/1.0/batches/b1' });
  ofManager.lifecycle('migration-created', { entities: ['/1.0/instances/i1', '/1.0/queue/i1'] });
  // @ts-expect-error no such action
  ofManager.lifecycle('instance-created', { entities: [] });
  // @ts-expect-error the details are missing
  ofManager.lifecycle('batch-started');
  // @ts-expect-error the entities are missing
  ofManager.lifecycle('batch-started', { name: 'b1' });
});

it('IBM’s actions name their entities', () => {
  ofIbm.lifecycle('instance.create', { entities: 'crn:v1:x', outcome: 'inprogress' });
  ofIbm.lifecycle('Resource_group.delete', { entities: ['/x'] });
  // @ts-expect-error no such action
  ofIbm.lifecycle('instance.eat', { entities: '/x' });
  // @ts-expect-error the entities are missing
  ofIbm.lifecycle('instance.create', { outcome: 'success' });
  // @ts-expect-error the details are missing
  ofIbm.lifecycle('key.delete_failure');
});

it('a catalog of one’s own needs no `as const`', () => {
  const catalog = defineCatalog({
    name: 'kitchen',
    actions: {
      'dish-served': {
        description: 'A dish left the kitchen',
        context: {
          table: 'Number of the table',
          heat: { description: 'How hot', values: ['mild', 'hot'], optional: true },
          notes: { description: 'Anything', type: 'json', optional: true },
        },
      },
      'stove-lit': { description: 'A stove burns' },
    },
  });
  const transport = new EventTransport({ catalog });
  transport.lifecycle('stove-lit');
  transport.lifecycle('dish-served', { context: { table: '5' } });
  transport.lifecycle('dish-served', { context: { table: '5', heat: 'hot', notes: { a: 1 } } });
  // @ts-expect-error the table is missing
  transport.lifecycle('dish-served', { context: { heat: 'hot' } });
  // @ts-expect-error no such heat
  transport.lifecycle('dish-served', { context: { table: '5', heat: 'blue' } });
  const inline = new EventTransport({
    catalog: { name: 'one', actions: { only: { description: 'The only one' } } },
  });
  inline.lifecycle('only');
  // @ts-expect-error no such action
  inline.lifecycle('other');
  // @ts-expect-error a description is missing
  defineCatalog({ name: 'x', actions: { a: {} } });
});

it('a transport without a catalog takes any action, and one with a catalog passes for one', async () => {
  expectTypeOf(any).toEqualTypeOf<EventTransport>();
  any.lifecycle('whatever', { context: { a: 1 } });
  const close = (transport: EventTransport) => transport.end();
  close(ofLxd);
  close(ofIbm);
  const store = await SettingsStore.open({ file: 'x' });
  createSettingsHandler({ store, transport: ofLxd, authorize: () => false });
  ofLxd.lifecycle('system-settings-modified', { entities: '/1.0/system/settings' });
});
