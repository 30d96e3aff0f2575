import type { Check } from '../check';
import { acknowledgement } from './acknowledgement';
import { backOff } from './back-off';
import { badBytes } from './bad-bytes';
import { batch } from './batch';
import { bodies } from './bodies';
import { claims } from './claims';
import { concurrency } from './concurrency';
import { contentToCome } from './content-to-come';
import { deadLetter } from './dead-letter';
import { deadLetterFailure } from './dead-letter-failure';
import { deadLetterPlaces } from './dead-letter-places';
import { deadLetterReason } from './dead-letter-reason';
import { delayedRetry } from './delayed-retry';
import { destinations } from './destinations';
import { drain } from './drain';
import { exactlyOnce } from './exactly-once';
import { freshAttempts } from './fresh-attempts';
import { groups } from './groups';
import { handlerKinds } from './handler-kinds';
import { headers } from './headers';
import { health } from './health';
import { idempotent } from './idempotent';
import { lostSettlement } from './lost-settlement';
import { orderChecks } from './order';
import { outages } from './outages';
import { pause } from './pause';
import { processChecks } from './process';
import { processors } from './processors';
import { publishConsume } from './publish-consume';
import { retry } from './retry';
import { routing } from './routing';
import { severalBinders } from './several-binders';
import { startStop } from './start-stop';
import { unacceptable } from './unacceptable';
import { versions } from './versions';

/** Every check of the suite; each id once. The suite sorts them by id. */
export const checks: readonly Check[] = [
  ...publishConsume,
  ...destinations,
  ...routing,
  ...groups,
  ...processors,
  ...exactlyOnce,
  ...severalBinders,
  ...bodies,
  ...headers,
  ...unacceptable,
  ...versions,
  ...contentToCome,
  ...acknowledgement,
  ...handlerKinds,
  ...lostSettlement,
  ...freshAttempts,
  ...retry,
  ...backOff,
  ...delayedRetry,
  ...deadLetter,
  ...deadLetterPlaces,
  ...deadLetterReason,
  ...deadLetterFailure,
  ...orderChecks,
  ...concurrency,
  ...startStop,
  ...drain,
  ...pause,
  ...processChecks,
  ...batch,
  ...idempotent,
  ...health,
  ...outages,
  ...badBytes,
  ...claims,
];
