/** The catalogs have all that the references have, and keep `lifecycle()` to it. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as catalogs from '../../src/catalogs/index.js';
import { type Catalog, type ContextField, EventTransport, type LifecycleDetails } from '../../src/index.js';
import { startReceiver } from '../helpers/receiver.js';
import { createTestTransport, quickTarget, statusOf } from '../helpers/transport.js';

const { ibmResourceLifecycle, lxd, migrationManager, defineCatalog } = catalogs;

function reference(name: string) {
  return JSON.parse(readFileSync(new URL(`../fixtures/reference/${name}.json`, import.meta.url), 'utf8'));
}

/** What the references say of an action, without their words. */
interface ReferenceAction {
  readonly action: string;
  readonly entities?: readonly string[];
  /** The values of each field of its context, where they are listed. */
  readonly context?: Readonly<Record<string, readonly string[]>>;
}

describe('the catalog', () => {
  it('migrationManager has the actions and the kinds of entities of its reference', () => {
    const actions: ReferenceAction[] = reference('migration-manager-actions');
    const expected = actions.map(({ action, entities }) => [action, entities]);
    const entries = Object.entries(migrationManager.actions).map(([action, { entities }]) => [
      action,
      entities,
    ]);
    expect(entries).toHaveLength(36);
    expect(entries).toEqual(expected);
  });

  it('lxd has the actions of its reference, with their fields and what these can be', () => {
    const actions: ReferenceAction[] = reference('lxd-actions');
    const expected = actions.map(({ action, context }) => [action, context]);
    // The data leave out an action that both language versions of the text list.
    expected.push(['warning-reset', {}]);
    const entries = Object.entries(lxd.actions as Catalog['actions']).map(([action, { context = {} }]) => [
      action,
      Object.fromEntries(
        Object.entries(context).map(([field, about]) => [field, (about as ContextField).values ?? []]),
      ),
    ]);
    expect(entries).toHaveLength(108);
    expect(entries).toEqual(expected);
  });

  it('ibmResourceLifecycle has types and sub-types as its reference writes them', () => {
    const types: Record<string, string[]> = reference('ibm-resource-lifecycle-types');
    const expected = Object.entries(types).flatMap(([type, subTypes]) =>
      subTypes.map((subType) => `${type}.${subType}`),
    );
    expect(Object.keys(ibmResourceLifecycle.actions)).toEqual(expected);
    expect(expected).toHaveLength(24);
    for (const [action, { entities }] of Object.entries(ibmResourceLifecycle.actions))
      expect(entities).toEqual([action.replace(/\..*/, '')]);
  });

  it.each([migrationManager, lxd, ibmResourceLifecycle])(
    '$name describes each action',
    (catalog: Catalog) => {
      expect(defineCatalog(catalog)).toBe(catalog);
      for (const { description } of Object.values(catalog.actions))
        expect(description.length).toBeGreaterThan(10);
      expect((catalogs as unknown as Record<string, Catalog>)[catalog.name]).toBe(catalog);
    },
  );
});

describe('a transport with a catalog', () => {
  const call = (transport: EventTransport<Catalog>, action: string, details?: LifecycleDetails) => () =>
    transport.lifecycle(action, details);

  it('records its actions and no others, on the transport and on its loggers', async () => {
    const receiver = await startReceiver();
    const { transport, logger } = createTestTransport([quickTarget(receiver.address)], {
      catalog: migrationManager as Catalog,
    });
    await transport.lifecycle('batch-started', { entities: '/1.0/batches/b1' });
    await logger.lifecycle('batch-stopped');
    for (const action of ['batch-eaten', 'constructor', '__proto__']) {
      expect(call(transport, action)).toThrow(TypeError);
      expect(() => logger.lifecycle(action)).toThrow(
        `\`${action}\` is not an action of the catalog \`migrationManager\``,
      );
    }
    await transport.flush();
    expect(receiver.names()).toEqual(['batch-started', 'batch-stopped']);
    expect(statusOf(transport).accepted).toBe(2);
  });

  it('refuses an action whose context has not what it needs', () => {
    const { transport } = createTestTransport([], { catalog: lxd as Catalog });
    expect(call(transport, 'instance-renamed')).toThrow(
      '`instance-renamed` of the catalog `lxd` needs `context.old_name`',
    );
    expect(call(transport, 'instance-renamed', { context: { old_name: undefined } })).toThrow(TypeError);
    expect(call(transport, 'image-created', { context: { type: 'tape' } })).toThrow(
      'Expected `context.type` of `image-created` to be `container` or `vm`, got `tape`',
    );
    expect(call(transport, 'instance-renamed', { context: { old_name: 'c1' } })).not.toThrow();
    expect(call(transport, 'instance-exec', { context: { command: ['ls'] } })).not.toThrow();
  });

  it('takes what is optional or not', () => {
    const catalog: Catalog = defineCatalog({
      name: 'kitchen',
      actions: {
        served: {
          description: 'A dish left the kitchen',
          context: { table: 'Number', heat: { description: 'How hot', values: ['hot'], optional: true } },
        },
      },
    });
    const { transport } = createTestTransport([], { catalog });
    expect(call(transport, 'served', { context: { table: 5 } })).not.toThrow();
    expect(call(transport, 'served', { context: { heat: 'hot' } })).toThrow('needs `context.table`');
    expect(call(transport, 'served', { context: { table: 5, heat: 'x' } })).toThrow('to be `hot`');
  });

  it('records what this package records itself', async () => {
    const { transport } = createTestTransport([], { catalog: lxd as Catalog });
    await transport.lifecycle('system-settings-modified');
  });

  it.each<[unknown, string]>([
    ['lxd', 'catalog'],
    [null, 'catalog'],
    [{ name: '', actions: {} }, 'catalog.name'],
    [{ name: 'a' }, 'catalog.actions'],
    [{ name: 'a', actions: { b: 'text' } }, 'catalog.actions.b'],
    [{ name: 'a', actions: { b: {} } }, 'catalog.actions.b.description'],
    [{ name: 'a', actions: { b: { description: '', entities: 'c' } } }, 'catalog.actions.b.entities'],
    [{ name: 'a', actions: { b: { description: '', context: 5 } } }, 'catalog.actions.b.context'],
    [{ name: 'a', actions: { b: { description: '', context: { c: 5 } } } }, 'catalog.actions.b.context.c'],
    [
      { name: 'a', actions: { b: { description: '', context: { c: { values: [1] } } } } },
      'catalog.actions.b.context.c.values',
    ],
  ])('is not made with a wrong one: %j', (catalog, key) => {
    expect(() => new EventTransport({ catalog: catalog as Catalog })).toThrow(TypeError);
    expect(() => defineCatalog(catalog as Catalog)).toThrow(`Expected \`${key}\` to be`);
  });
});
