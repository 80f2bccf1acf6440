/** The types and sub-types of IBM Cloud's resource lifecycle events. */

import type { Catalog } from '../model/catalog.js';

/** IBM's 24 actions: type and sub-type, as its reference writes them. */
export const ibmResourceLifecycle = {
  name: 'ibmResourceLifecycle',
  actions: {
    'instance.apply_promo_code': { description: 'A promotion code was used', entities: ['instance'] },
    'instance.create': { description: 'A service instance was provisioned', entities: ['instance'] },
    'instance.create_failure': { description: 'Provisioning did not work', entities: ['instance'] },
    'instance.create_inprogress': { description: 'Provisioning is under way', entities: ['instance'] },
    'instance.delete': { description: 'A service instance was removed', entities: ['instance'] },
    'instance.delete_failure': { description: 'Removal did not work', entities: ['instance'] },
    'instance.delete_inprogress': { description: 'Removal is under way', entities: ['instance'] },
    'instance.restore': {
      description: 'A removed service instance came back while it could still be reclaimed',
      entities: ['instance'],
    },
    'instance.schedule_reclaim': {
      description: 'A removed service instance is to be reclaimed later',
      entities: ['instance'],
    },
    'instance.update': { description: 'A service instance changed', entities: ['instance'] },
    'instance.update_failure': { description: 'A change did not work', entities: ['instance'] },
    'instance.update_inprogress': { description: 'A change is under way', entities: ['instance'] },
    'instance.update_plan': { description: 'A service instance has another plan', entities: ['instance'] },
    'instance.update_plan_failure': { description: 'Changing the plan did not work', entities: ['instance'] },
    'instance.update_plan_inprogress': { description: 'The plan is being changed', entities: ['instance'] },
    'instance.update_state': { description: 'A service instance has another state', entities: ['instance'] },
    'instance.update_state_failure': {
      description: 'Changing the state did not work',
      entities: ['instance'],
    },
    'key.create': { description: 'Credentials of a service were made', entities: ['key'] },
    'key.create_failure': { description: 'Making credentials did not work', entities: ['key'] },
    'key.delete': { description: 'Credentials of a service were removed', entities: ['key'] },
    'key.delete_failure': { description: 'Removing credentials did not work', entities: ['key'] },
    'Resource_group.create': { description: 'A resource group was added', entities: ['Resource_group'] },
    'Resource_group.delete': { description: 'A resource group was removed', entities: ['Resource_group'] },
    'Resource_group.update': { description: 'A resource group changed', entities: ['Resource_group'] },
  },
} as const satisfies Catalog;
