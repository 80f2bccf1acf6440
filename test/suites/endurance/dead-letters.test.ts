/** Dead letters over the console, as many as a long night brings. */

import { it } from 'vitest';
import { listReplayDiscard } from '../../helpers/dead-letters.js';

it(
  'a thousand of them are listed in pages, replayed and discarded; the account is exact after each',
  {
    timeout: 600_000,
  },
  () => listReplayDiscard(1000),
);
