/** Delivers what is left when a process is about to end because nothing keeps it alive any more. */

/** Something to be finished before the process ends. */
export interface Finishable {
  /** Called each time the event loop runs empty; may start work, which calls for another round. */
  finish(): void;
}

/** Weak: a transport that nobody uses and that holds nothing can go. */
const registered = new Set<WeakRef<Finishable>>();

/** Has `finish` called from then on. */
export function finishBeforeExit(finishable: Finishable): void {
  forgetCollected();
  if (registered.size === 0) process.on('beforeExit', finishAll);
  registered.add(new WeakRef(finishable));
}

/** Ends that. */
export function forgetBeforeExit(finishable: Finishable): void {
  for (const reference of registered) if (reference.deref() === finishable) registered.delete(reference);
  forgetCollected();
}

/** One listener for all transports: a process may have more than Node likes to see listening. */
function finishAll(): void {
  for (const reference of registered) reference.deref()?.finish();
}

function forgetCollected(): void {
  for (const reference of registered) if (reference.deref() === undefined) registered.delete(reference);
  if (registered.size === 0) process.off('beforeExit', finishAll);
}
