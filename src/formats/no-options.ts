/** For formats that need nothing beside the event. */

import { z } from 'zod';

/** Takes an object without keys. */
export const noOptions = z.strictObject({}, 'an object');
