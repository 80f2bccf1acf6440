/** The actions of Migration Manager, with the kinds of entities that each names. */

import type { Catalog } from '../model/catalog.js';

/** Migration Manager's 36 actions. */
export const migrationManager = {
  name: 'migrationManager',
  actions: {
    'instance-imported': { description: 'A source made an instance known', entities: ['instance'] },
    'instance-modified': { description: 'What is known of an instance changed', entities: ['instance'] },
    'instance-removed': { description: 'An instance is no longer kept', entities: ['instance'] },
    'instance-override-modified': {
      description: 'Overrides of an instance changed',
      entities: ['instance'],
    },
    'network-imported': { description: 'A source made a network known', entities: ['network'] },
    'network-modified': { description: 'What is known of a network changed', entities: ['network'] },
    'network-removed': { description: 'A network is no longer kept', entities: ['network'] },
    'network-override-modified': { description: 'Overrides of a network changed', entities: ['network'] },
    'queue-entry-canceled': {
      description: 'The migration of a queued instance was called off',
      entities: ['queue'],
    },
    'queue-entry-retried': {
      description: 'The migration of a queued instance began anew',
      entities: ['queue'],
    },
    'queue-entry-removed': { description: 'An instance was taken off the queue', entities: ['queue'] },
    'artifact-created': { description: 'An artifact was added', entities: ['artifact'] },
    'artifact-modified': { description: 'An artifact changed', entities: ['artifact'] },
    'artifact-removed': { description: 'An artifact was removed', entities: ['artifact'] },
    'batch-started': { description: 'A batch began to run', entities: ['batch'] },
    'batch-stopped': { description: 'A batch was halted', entities: ['batch'] },
    'batch-reset': { description: 'A batch went back to where it was before its start', entities: ['batch'] },
    'batch-created': { description: 'A batch was added', entities: ['batch'] },
    'batch-modified': { description: 'A batch changed', entities: ['batch'] },
    'batch-removed': { description: 'A batch was removed', entities: ['batch'] },
    'source-created': { description: 'A source was added', entities: ['source'] },
    'source-modified': { description: 'A source changed', entities: ['source'] },
    'source-removed': { description: 'A source was removed', entities: ['source'] },
    'source-synced': { description: 'Somebody had the data of a source read anew', entities: ['source'] },
    'target-created': { description: 'A target was added', entities: ['target'] },
    'target-modified': { description: 'A target changed', entities: ['target'] },
    'target-removed': { description: 'A target was removed', entities: ['target'] },
    'system-settings-modified': {
      description: 'Settings of the system changed',
      entities: ['system_settings'],
    },
    'system-network-modified': {
      description: 'Network settings of the system changed',
      entities: ['system_network'],
    },
    'system-security-modified': {
      description: 'Security settings of the system changed',
      entities: ['system_security'],
    },
    'system-certificate-modified': {
      description: 'Somebody replaced the certificate of the system',
      entities: ['system_certificate'],
    },
    'migration-created': {
      description: 'A running migration made the instance at its target',
      entities: ['instance', 'queue'],
    },
    'migration-sync-started': {
      description: 'A first copy of the instance began, ahead of its migration',
      entities: ['instance', 'queue'],
    },
    'migration-sync-completed': {
      description: 'A first copy of the instance is done, ahead of its migration',
      entities: ['instance', 'queue'],
    },
    'migration-final-started': {
      description: 'The last step began; the instance is down at its source',
      entities: ['instance', 'queue'],
    },
    'migration-final-completed': {
      description: 'The instance has moved',
      entities: ['instance', 'queue'],
    },
  },
} as const satisfies Catalog;
